"""Ana takes down what a caller tells her: the same questions, the same intake, and not a word about the caller."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from lxml.html import HtmlElement
from sqlalchemy import func, select

from cohab_report import journal
from cohab_report.db import db
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Channel, Observation
from cohab_report.journal import Event
from cohab_report.triage import queries
from cohab_report.triage.waiting.models import QueueKind
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page, form_values

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def ana(page: Page, cast: Cast) -> Iterator[Page]:
    """Ana, signed in on a Monday morning, with her headset on."""
    with time_machine.travel(factories.MONDAY, tick=False):
        page.sign_in(cast.ana)
        yield page


def text_of(page: HtmlElement) -> str:
    return " ".join(page.xpath("string(//main)").split())


def write_down(page: Page, category: str = "DECHET-1", *, status: int = 303, **changes: Any) -> HtmlElement | None:
    """The page of this category, filled in and sent."""
    address = f"/tri/saisir?categorie={category}"
    answer = page.post(
        address, {**blank(page.visit(address)), "place": "halle", "belongings": "no", **changes}, status=status
    )
    return checked_page(answer.text) if status == 422 else page.visit("/tri/saisir/recu")


def blank(html: HtmlElement) -> dict[str, str]:
    """The form as the page gives it."""
    return form_values(next(form for form in html.forms if form.method == "POST" and "saisir" in (form.action or "")))


def how_many() -> int:
    return db.session.scalar(select(func.count()).select_from(Observation)) or 0


def test_enter_begins_with_danger_and_the_category(ana: Page) -> None:
    html = ana.get("counter.enter_observation")
    assert "en danger" in html.xpath("string(//main//*[contains(@class, 'notice--danger')])") and "112" in text_of(html)
    offered = html.xpath("//select[@name='categorie']//option/@value")
    assert "DECHET-1" in offered and "BIEN-2" not in offered
    assert not html.xpath("//form[@method='post' and contains(@action, 'saisir')]")


def test_enter_is_one_press_from_the_desk(ana: Page) -> None:
    assert ana.get("triage.dashboard").xpath("//main//a[@href='/tri/saisir']")


def test_enter_asks_the_categorys_category_questions_and_belongings_only_where_asked(ana: Page) -> None:
    assert ana.visit("/tri/saisir?categorie=SOUCI").xpath("//input[@name='answer_danger']")
    assert ana.visit("/tri/saisir?categorie=DECHET-1").xpath("//input[@name='belongings']")
    assert not ana.visit("/tri/saisir?categorie=BIEN-1").xpath("//input[@name='belongings']")
    assert not ana.visit("/tri/saisir?categorie=NOTHING").xpath("//input[@name='place']")


def test_enter_has_no_field_about_the_caller(ana: Page) -> None:
    names = set(ana.visit("/tri/saisir?categorie=DECHET-1").xpath("//main//form[@method='post']//@name"))
    fields = {name for name in names if not name.startswith("answer_")}
    assert fields == {
        "csrf_token",
        "client_id",
        "lon",
        "lat",
        "channel",
        "language",
        "q",
        "search",
        "place",
        "landmark",
        "text",
        "observed_on",
        "belongings",
    }


def test_what_a_caller_tells_is_received_opens_a_case_and_gives_a_code(ana: Page, cast: Cast) -> None:
    html = write_down(ana, channel="counter", language="en", landmark="devant le 12", text="Bins are full")
    observation = db.session.scalars(select(Observation)).one()
    assert (observation.channel, observation.language, observation.landmark) == (Channel.COUNTER, "en", "devant le 12")
    assert html is not None and intake.observation_by_code(html.xpath("string(//output)")) == observation
    assert html.xpath(f"//a[@href='/tri/dossiers/{observation.reference}']") and html.xpath("//a[@href='/tri/saisir']")
    event = db.session.scalars(select(Event).where(Event.name == "observation.received")).one()
    assert event.actor == cast.ana.journal_name != journal.RESIDENT.journal_name
    assert queries.case_of_observation(observation.id).reference == observation.reference
    case = ana.get("triage.case", reference=observation.reference)
    assert "comptoir" in text_of(case) and "Ana" in text_of(case)


def test_the_caller_follows_with_the_code_and_reads_nothing_of_who_wrote_it_down(ana: Page, cast: Cast) -> None:
    html = write_down(ana)
    assert html is not None
    caller = Page(ana.app, cast)
    caller.post("/suivi", {"code": html.xpath("string(//output)")})
    assert "Votre observation est arrivée." in text_of(caller.get("resident.follow")) and "Ana" not in text_of(
        caller.get("resident.follow")
    )


def test_sent_twice_it_is_one_observation(ana: Page) -> None:
    address = "/tri/saisir?categorie=BIEN-1"
    typed = {**blank(ana.visit(address)), "place": "halle"}
    for _time in range(2):
        ana.post(address, typed)
    assert how_many() == 1


def test_many_callers_are_no_flood(ana: Page) -> None:
    for _time in range(8):
        write_down(ana, "BIEN-1")
    observations = db.session.scalars(select(Observation)).all()
    assert len(observations) == 8 and {observation.network_hash for observation in observations} == {None}
    assert QueueKind.QUARANTINE not in {
        queries.case_of_observation(observation.id).queue.kind for observation in observations
    }


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"place": ""}, "Choisissez un lieu"),
        ({"place": "nowhere"}, "n’est plus dans la liste"),
        ({"place": "", "lon": "7.45", "lat": "46.95"}, "hors du territoire"),
        ({"belongings": ""}, "Dites si des effets"),
        ({"text": "x" * 281}, "Raccourcissez le texte"),
        ({"observed_on": "2027-01-01"}, "dans l’avenir"),
        ({"channel": "web"}, "Not a valid choice"),
        ({"landmark": "x" * 81}, "Raccourcissez le repère"),
    ],
)
def test_what_cannot_be_received_comes_back_beside_its_field_with_all_that_was_typed(
    ana: Page, typed: dict[str, str], words: str
) -> None:
    html = write_down(ana, status=422, **{"text": "Des bouteilles", **typed})
    assert html is not None and how_many() == 0
    if "channel" not in typed:
        assert words in html.xpath("string(//*[@id='erreurs'])")
    assert typed.get("text", "Des bouteilles") in html.xpath("string(//textarea)")


def test_an_answer_that_means_danger_is_told_and_nothing_is_kept(ana: Page) -> None:
    html = write_down(ana, "SOUCI", status=422, answer_danger="yes")
    assert html is not None and "urgence" in text_of(html) and how_many() == 0


def test_words_about_a_person_are_told_and_never_blocked(ana: Page) -> None:
    write_down(ana, text="Kevin Tremblay laisse ses sacs")
    assert db.session.scalars(select(Observation)).one().text_flags == ["name"]


def test_receipt_belongs_to_who_wrote_it_down(ana: Page, cast: Cast) -> None:
    write_down(ana)
    bea = Page(ana.app, cast)
    bea.sign_in(cast.bea)
    assert bea.visit("/tri/saisir/recu").xpath("//select[@name='categorie']")


def test_only_the_team_writes_down(page: Page, cast: Cast) -> None:
    page.get("counter.enter_observation", as_=cast.lin, status=403)
    page.get("counter.caller_receipt", as_=cast.charlie, status=403)


def test_enter_is_searched_without_scripts(ana: Page) -> None:
    html = ana.visit("/tri/saisir?categorie=DECHET-1&q=12, rue haut")
    assert html.xpath("//*[@id='liste-des-lieux']//input/@value") == ["rue-haute"]
    assert html.xpath("//input[@name='landmark']/@value") == ["12, rue haut"]


def test_searching_a_place_without_scripts_loses_nothing_and_sends_nothing(ana: Page) -> None:
    before, address = how_many(), "/tri/saisir?categorie=DECHET-1"
    typed = {
        **blank(ana.visit(address)),
        "text": "Le couvercle est tombé",
        "belongings": "unknown",
        "channel": "counter",
    }
    html = checked_page(ana.post(address, {**typed, "q": "12, rue haut", "search": "yes"}, status=200).text)
    again = blank(html)
    assert {name: again[name] for name in ("client_id", "text", "belongings", "channel")} == {
        name: typed[name] for name in ("client_id", "text", "belongings", "channel")
    }
    assert again["q"] == again["landmark"] == "12, rue haut"
    assert html.xpath("//input[@name='place'][not(starts-with(@value, 'sector:'))]")
    assert not html.xpath("//*[@id='erreurs']") and how_many() == before
