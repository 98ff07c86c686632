"""The residents' pages, as Rosa goes through them on a phone without scripts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from lxml.html import HtmlElement
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake.models import Observation, Precision
from cohab_report.routing import queries as routing
from cohab_report.territory.models import Place
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page

pytestmark = pytest.mark.usefixtures("session")
FORM_STEPS = ("subject", "place", "category", "questions", "belongings", "review")
MONDAY_NIGHT = datetime(2026, 11, 16, 23, 0, tzinfo=UTC)


def how_many() -> int:
    return db.session.scalar(select(func.count()).select_from(Observation)) or 0


def heading(html: HtmlElement) -> str:
    return str(html.xpath("string(//h1)"))


def session_of(page: Page) -> dict[str, Any]:
    with page.client.session_transaction() as session:
        return dict(session)


def where_to(page: Page) -> str:
    assert page.last is not None
    return str(page.last.headers["Location"])


@pytest.fixture
def rosa(page: Page) -> Iterator[Callable[..., Page]]:
    """Rosa, who has answered all questions as far as she is asked to, and stands on the page after."""

    def answered(kind: str = "cleanliness", category: str = "DECHET-1", *, upto: str = "review", **typed: Any) -> Page:
        page.post("/signaler/", {"help": "no", "sujet": kind})
        steps: dict[str, tuple[str, dict[str, Any]]] = {
            "place": (
                "/signaler/lieu",
                {"place": typed.get("place", "halle"), "lon": typed.get("lon", ""), "lat": typed.get("lat", "")},
            ),
            "category": ("/signaler/categorie", {"category": category}),
            "questions": (
                "/signaler/questions",
                {
                    "text": typed.get("text", ""),
                    "observed_on": typed.get("on", factories.MONDAY.date().isoformat()),
                    **typed.get("answers", {}),
                },
            ),
            "belongings": ("/signaler/effets", {"belongings": typed.get("belongings", "no")}),
        }
        for step, (address, data) in steps.items():
            if step == upto:
                break
            if (step == "category" and kind == "concern") or (step == "belongings" and kind in ("concern", "positive")):
                continue
            page.post(address, data)
        return page

    with time_machine.travel(factories.MONDAY, tick=False):
        yield answered


def send(page: Page) -> str:
    """Sends what is on the review page and returns the follow-up code."""
    page.submit(page.get("resident.review"), {}, action="/signaler/envoyer")
    return str(page.get("resident.receipt").xpath("string(//output)")).strip()


def test_home_offers_three_equal_ways_and_one_apart(page: Page) -> None:
    html = page.get("resident.home")
    ways = [link.get("href").partition("=")[2] for link in html.xpath("//main//a[contains(@href, 'sujet=')]")]
    assert ways == ["cleanliness", "safety", "positive", "concern"]
    assert len(html.xpath("//main//ul[1]/li[.//a[contains(@href, 'sujet=')]]")) == 3


def test_home_says_so_where_people_are_made_up(page: Page, cast: Cast) -> None:
    assert "données fictives" not in page.get("resident.home").text_content()
    cast.ana.is_demo = True
    db.session.commit()
    assert "données fictives" in page.get("resident.home").text_content()


@pytest.mark.parametrize("step", FORM_STEPS)
def test_start_comes_before_every_page_of_the_form(page: Page, step: str) -> None:
    assert "besoin d’aide maintenant" in heading(page.get(f"resident.{step}"))


def test_start_yes_shows_whom_to_call_and_keeps_nothing(page: Page) -> None:
    page.post("/signaler/", {"help": "yes"})
    assert where_to(page) == "/signaler/aide"
    assert page.visit("/signaler/aide").xpath("//main//a[@href='tel:112']")
    assert set(session_of(page)) <= {"csrf_token", "_fresh"}


def test_start_without_an_answer_asks_again(page: Page) -> None:
    page.post("/signaler/", {}, status=422)


def test_subject_leads_to_the_place(rosa: Callable[..., Page]) -> None:
    page = rosa(upto="place")
    page.post("/signaler/sujet", {"kind": "positive"})
    assert where_to(page) == "/signaler/lieu"
    page.post("/signaler/sujet", {"kind": "people"}, status=422)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choisissez un lieu dans la liste"),
        ({"place": "nowhere"}, "n’est plus dans la liste"),
        ({"lon": "7.45", "lat": "46.95"}, "hors du territoire"),
        ({"lon": "east", "lat": "north"}, "n’a pas pu être lue"),
        ({"lon": "nan", "lat": "47.15"}, "n’a pas pu être lue"),
        ({"place": "sector:atlantis"}, "n’est plus dans la liste"),
    ],
)
def test_place_that_cannot_be_accepted_says_why(rosa: Callable[..., Page], typed: dict[str, str], words: str) -> None:
    page = rosa(upto="place")
    answer = page.post("/signaler/lieu", typed, status=422)
    assert words in checked_page(answer.text).text_content()


def test_place_outside_says_where_to_turn(rosa: Callable[..., Page]) -> None:
    answer = rosa(upto="place").post("/signaler/lieu", {"lon": "7.45", "lat": "46.95"}, status=422)
    assert checked_page(answer.text).xpath("//main//a[@href='tel:115']")


def test_place_by_sector_alone_is_kept_as_about_there(rosa: Callable[..., Page]) -> None:
    send(rosa(place="sector:rive-nord"))
    assert db.session.scalars(select(Observation)).one().precision is Precision.ABOUT


def test_category_that_the_form_cannot_carry_leads_to_advice(rosa: Callable[..., Page]) -> None:
    page = rosa(kind="positive", category="BIEN-2", upto="questions")
    assert where_to(page) == "/signaler/orientation?pour=GIVE"
    assert heading(page.visit("/signaler/orientation?pour=GIVE")) == "Donner"
    assert not session_of(page)["sketch"].get("category")


def test_advice_without_a_known_signpost_says_whom_to_call(page: Page) -> None:
    assert "Appelez" in heading(page.get("resident.advice", pour="NOTHING"))


def test_what_the_phone_holds_already_is_not_begun_again_and_anything_else_goes_on(rosa: Callable[..., Page]) -> None:
    page = rosa(upto="belongings")
    begun = session_of(page)["sketch"]["client_id"]
    page.post("/signaler/", {"help": "no", "held": "7f1d6a52-0000-4000-8000-000000000000 nonsense"})
    page.post("/signaler/brouillon", {"choice": "continue"})
    assert session_of(page)["sketch"]["client_id"] == begun
    page.post("/signaler/", {"help": "no", "held": f"7f1d6a52-0000-4000-8000-000000000000 {begun}"})
    assert "sketch" not in session_of(page)
    page.post("/signaler/sujet", {"kind": "safety"})
    assert session_of(page)["sketch"]["client_id"] != begun


def begin_again(page: Page, **subject: str) -> HtmlElement:
    """Passes the danger screen once more, and returns the page that follows."""
    page.post("/signaler/", {"help": "no", **subject})
    assert page.last is not None
    return page.visit(page.last.headers["Location"])


@pytest.mark.parametrize("subject", [{}, {"sujet": "safety"}])
def test_what_was_begun_passes_to_no_other_observation_unasked(rosa: Callable[..., Page], subject) -> None:
    page = rosa(text="Verre cassé sous le banc", landmark="banc rouge", upto="belongings")
    asked = begin_again(page, **subject)
    assert "ou en commencer une autre" in heading(asked) and "Halle" in heading(asked)
    assert not [words for words in ("Verre cassé", "banc rouge") if words in asked.text_content()]
    begun = session_of(page)["sketch"]
    page.submit(asked, {"choice": "new"}, action="/signaler/brouillon")
    fresh = session_of(page).get("sketch", {})
    assert set(fresh) <= {"client_id", "kind"} and fresh.get("client_id") != begun["client_id"]
    assert fresh.get("kind", "") == subject.get("sujet", "")
    shown = page.visit(page.last.headers["Location"])  # type: ignore[union-attr]
    assert "Verre cassé" not in shown.text_content() and "Halle" not in heading(shown)
    carried = "".join(shown.xpath("//input[@name='carried']/@value"))
    assert "banc rouge" not in carried and "halle" not in carried


def test_who_says_so_goes_on_with_what_was_begun(rosa: Callable[..., Page]) -> None:
    page = rosa(text="Verre cassé sous le banc", upto="belongings")
    begun = session_of(page)["sketch"]
    begin_again(page, sujet="safety")
    page.post("/signaler/brouillon", {}, status=422)
    page.post("/signaler/brouillon", {"choice": "continue"})
    assert session_of(page)["sketch"] == begun and where_to(page) != "/signaler/sujet"


def test_where_nothing_was_begun_nothing_is_asked(page: Page) -> None:
    begin_again(page, sujet="cleanliness")
    page.post("/signaler/", {"help": "no", "sujet": "safety"})
    assert where_to(page) == "/signaler/lieu" and session_of(page)["sketch"]["kind"] == "safety"
    page.post("/signaler/brouillon", {"choice": "continue"})
    assert where_to(page) == "/signaler/sujet"


def test_another_observation_at_the_same_place_is_asked_about_too_once_it_is_left(rosa: Callable[..., Page]) -> None:
    page = rosa()
    send(page)
    page.post("/signaler/encore", {})
    assert "Halle" in heading(begin_again(page))


def test_questions_that_mean_danger_end_the_form(rosa: Callable[..., Page]) -> None:
    page = rosa(kind="concern", upto="questions")
    page.post("/signaler/questions", {"answer_danger": "yes", "text": "Au quai", "observed_on": "2026-11-16"})
    assert where_to(page) == "/signaler/orientation?pour=A"
    assert "Au quai" not in str(session_of(page)) and "answers" not in session_of(page)["sketch"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"text": "x" * 281}, "Raccourcissez le texte"),
        ({"text": "bell\x07"}, "caractères invisibles"),
        ({"observed_on": "2026-11-17"}, "dans l’avenir"),
        ({"observed_on": "2026-05-01"}, "trop ancienne"),
        ({"observed_on": "hier"}, "Écrivez la date comme"),
        ({"observed_on": ""}, "Écrivez la date comme"),
        ({"answer_danger": ""}, "Choisissez une réponse"),
    ],
)
def test_questions_keep_what_was_typed_beside_the_error(
    rosa: Callable[..., Page], typed: dict[str, str], words: str
) -> None:
    page = rosa(kind="concern", upto="questions")
    data = {"answer_danger": "no", "text": "Près du banc bleu", "observed_on": "2026-11-16", **typed}
    html = checked_page(page.post("/signaler/questions", data, status=422).text)
    assert words in html.xpath("string(//*[@id='erreurs'])")
    assert html.xpath("//*[@id='erreurs']//a/@href")[0].lstrip("#") in html.xpath("//@id")
    assert html.xpath("string(//textarea)").strip() == data["text"].strip()


def test_belongings_are_asked_and_cannot_be_skipped(rosa: Callable[..., Page]) -> None:
    page = rosa(upto="belongings")
    page.post("/signaler/effets", {}, status=422)
    assert "effets" in heading(page.get("resident.review"))


@pytest.mark.parametrize(
    ("kind", "category", "belongings", "public", "hidden"),
    [
        ("cleanliness", "DECHET-1", "no", "La catégorie, la date et le lieu", "jamais publique"),
        ("cleanliness", "DECHET-3", "no", "environ 150", "jamais publique"),
        ("cleanliness", "DECHET-1", "unknown", "ne sera jamais publique", "environ 150"),
        ("cleanliness", "DECHET-2", "no", "ne sera jamais publique", "environ 150"),
    ],
)
def test_review_says_who_will_see_what(
    rosa: Callable[..., Page], kind: str, category: str, belongings: str, public: str, hidden: str
) -> None:
    html = rosa(kind, category, belongings=belongings).get("resident.review")
    everybody = html.xpath("string(//dt[.='Tout le monde']/following-sibling::dd)")
    assert public in everybody and hidden not in everybody


def test_review_lets_each_answer_be_mended(rosa: Callable[..., Page]) -> None:
    html = rosa(text="Des bouteilles").get("resident.review")
    assert {"/signaler/lieu", "/signaler/categorie", "/signaler/questions", "/signaler/effets"} <= set(
        html.xpath("//main//a/@href")
    )
    assert "Des bouteilles" in html.text_content() and "La Halle" in html.text_content()


def test_review_warns_about_words_on_a_person_and_still_sends(rosa: Callable[..., Page]) -> None:
    page = rosa(text="Écrivez à rosa@exemple.ca")
    html = page.get("resident.review")
    assert "une adresse de courriel" in html.text_content() and "Envoyer quand même" in html.text_content()
    send(page)
    assert db.session.scalars(select(Observation)).one().text_flags == ["email"]


def test_review_leads_to_the_words_that_it_warns_about(rosa: Callable[..., Page]) -> None:
    page = rosa()
    page.post("/signaler/lieu", {"place": "halle", "landmark": "chez Kevin Tremblay, app. 4"})
    html = page.get("resident.review")
    assert "l’adresse d’un logement" in html.text_content() and html.xpath("//a[@href='/signaler/lieu#landmark']")
    assert not html.xpath("//a[@href='/signaler/questions#text']")
    page.post(
        "/signaler/questions", {"text": "Écrivez à rosa@exemple.ca", "observed_on": factories.MONDAY.date().isoformat()}
    )
    assert page.get("resident.review").xpath("//a[@href='/signaler/questions#text']")


def test_review_tells_the_truth_about_closed_hours(rosa: Callable[..., Page]) -> None:
    with time_machine.travel(MONDAY_NIGHT, tick=False):
        page = rosa()
        text = page.get("resident.review").text_content()
    assert "L’équipe est absente en ce moment" in text and "17 novembre 2026" in text


def test_send_twice_is_one_observation_with_one_code(rosa: Callable[..., Page]) -> None:
    page = rosa()
    review = page.get("resident.review")
    page.submit(review, {}, action="/signaler/envoyer")
    first = page.get("resident.receipt").xpath("string(//output)")
    page.submit(review, {}, action="/signaler/envoyer")
    assert page.get("resident.receipt").xpath("string(//output)") == first and how_many() == 1


def test_send_carries_everything_itself(rosa: Callable[..., Page]) -> None:
    page = rosa(text="Des bouteilles")
    review = page.get("resident.review")
    with page.client.session_transaction() as session:
        session.pop("sketch")
    page.submit(review, {}, action="/signaler/envoyer")
    assert db.session.scalars(select(Observation)).one().text == "Des bouteilles"


@pytest.mark.parametrize(
    "broken",
    [{"text": "x" * 281}, {"observed_on": "2027-01-01"}, {"belongings": ""}, {"answer_verre": "maybe"}],
)
def test_send_of_what_cannot_be_received_comes_back_with_the_reason(
    rosa: Callable[..., Page], broken: dict[str, str]
) -> None:
    page = rosa(text="Des bouteilles")
    answer = page.submit(page.get("resident.review"), broken, action="/signaler/envoyer", status=422)
    html = checked_page(answer.text)
    assert html.xpath("//*[@id='erreurs']//a") and how_many() == 0
    assert broken.get("text", "Des bouteilles") in html.text_content()


@pytest.mark.parametrize(
    "broken",
    [
        {"client_id": "1"},
        {"category": "NOTHING"},
        {"place": "", "lon": "", "lat": ""},
        {"category": ""},
        {"belongings": "perhaps"},
    ],
)
def test_send_of_nonsense_is_never_an_error_page(rosa: Callable[..., Page], broken: dict[str, str]) -> None:
    page = rosa()
    form = page.get("resident.review")
    token = {"csrf_token": page.token()}
    values = dict(next(each for each in form.forms if (each.action or "").endswith("/envoyer")).form_values())
    answer = page.client.post("/signaler/envoyer", data={**values, **token, **broken})
    assert answer.status_code in (303, 422) and how_many() == 0


def test_send_while_the_database_is_away_gives_the_text_back(
    rosa: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    page = rosa(text="Des bouteilles")
    review = page.get("resident.review")
    monkeypatch.setattr(receiving, "receive", locked)
    answer = page.submit(review, {}, action="/signaler/envoyer", status=503)
    assert "Des bouteilles" in answer.text and "halle" not in checked_page(answer.text).xpath("string(//main)")
    monkeypatch.undo()
    page.submit(review, {}, action="/signaler/envoyer")
    assert how_many() == 1


def test_review_of_a_place_that_is_gone_asks_for_another(rosa: Callable[..., Page]) -> None:
    page = rosa()
    db.session.scalars(select(Place).where(Place.code == "halle")).one().is_retired = True
    db.session.commit()
    assert "Où est-ce" in heading(page.get("resident.review"))


def test_receipt_shows_the_code_and_a_picture_that_keeps_it_from_the_server(rosa: Callable[..., Page]) -> None:
    page = rosa()
    code = send(page)
    html = page.get("resident.receipt")
    assert len(code) == 24 and html.xpath("//main//a[contains(@href, '/suivi#')]/@href") == [f"/suivi#{code}"]
    assert html.xpath("//*[@class='qr']//*[local-name()='path']")


def test_receipt_leads_to_what_was_just_sent_and_not_to_what_was_followed_before(rosa: Callable[..., Page]) -> None:
    page = rosa()
    before = factories.observation(at=now() - timedelta(hours=1))
    assert before.reference in followed(page, before)
    send(page)
    assert page.get("resident.follow").xpath("//input[@name='code']")


def test_receipt_of_nothing_leads_to_the_follow_page(page: Page) -> None:
    assert "Suivre" in heading(page.get("resident.receipt"))


def test_again_begins_anew_at_the_same_place(rosa: Callable[..., Page]) -> None:
    page = rosa(text="Des bouteilles")
    send(page)
    page.post("/signaler/encore", {})
    page.post("/signaler/sujet", {"kind": "safety"})
    assert where_to(page) == "/signaler/categorie"
    assert session_of(page)["sketch"]["place"] == "halle" and "text" not in session_of(page)["sketch"]


def followed(page: Page, observation: Observation) -> str:
    page.post("/suivi", {"code": factories.code_of(observation)})
    return page.get("resident.follow").text_content()


@pytest.mark.parametrize(
    ("code", "words"), [("", "vingt"), ("K7QF", "vingt"), ("K7QF-2M9T-4XWD-81RZ-0CVB", "faux"), ("x" * 500, "vingt")]
)
def test_follow_says_what_is_wrong_with_a_code(page: Page, code: str, words: str) -> None:
    assert words in checked_page(page.post("/suivi", {"code": code}, status=422).text).xpath(
        "string(//*[@id='erreurs'])"
    )


def test_follow_reads_a_code_however_it_is_typed_and_keeps_it_out_of_the_address(page: Page) -> None:
    observation = factories.observation()
    code = factories.code_of(observation)
    page.post("/suivi", {"code": f" {code.lower().replace('-', ' ')} "})
    assert where_to(page) == "/suivi"
    text = page.get("resident.follow").text_content()
    assert observation.reference in text and code not in text and "Votre observation est arrivée." in text


def test_follow_tells_what_became_of_it_and_what_it_counts_toward(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, at=now() - timedelta(hours=3))
    text = followed(page, case.observations[0])
    assert "Pris en charge" in text and "la prend en charge" in text
    assert case.links[0].action.title.fr in text and "Ana" not in text


def test_follow_offers_a_second_look_for_thirty_days(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, at=now() - timedelta(days=2))
    triage.close(case, ClosingReason.NOTHING_FOUND, by=cast.ana, at=now() - timedelta(days=1))
    assert "Ce n’est pas réglé" in followed(page, case.observations[0])
    page.post("/suivi/rouvrir", {})
    assert "nouveau regard" in page.get("resident.follow").text_content()
    assert queries.case_of_observation(case.observations[0].id).state.value == "reopen_requested"
    page.post("/suivi/rouvrir", {}, status=409)


def test_follow_lets_one_rate_once(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, at=now() - timedelta(days=2))
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=now())
    assert "vous convient-elle" in followed(page, case.observations[0])
    page.post("/suivi/avis", {"answer": "wonderful"}, status=422)
    page.post("/suivi/avis", {"answer": "partly"})
    assert "vous convient-elle" not in page.get("resident.follow").text_content()
    page.client = page.app.test_client()
    (history,) = page.get("triage.case", reference=case.reference, as_=cast.ana).xpath(
        "//section[@aria-labelledby='histoire']"
    )
    assert "Réponse à la question de satisfaction" in history.text_content() and "En partie" in history.text_content()


def test_follow_lets_one_erase_words_and_take_it_back(page: Page) -> None:
    observation = factories.observation(text="Derrière chez moi")
    assert "Derrière chez moi" in followed(page, observation)
    page.post("/suivi/texte", {})
    assert "Derrière chez moi" not in page.get("resident.follow").text_content()
    page.submit(page.get("resident.withdraw"), {}, action="/suivi/retirer")
    assert "Retiré" in followed(page, observation)
    assert db.session.get_one(Observation, observation.id).exact_point is None


def test_follow_shows_ones_own_landmark_until_it_is_erased(page: Page) -> None:
    observation = factories.observation(landmark="devant le 12")
    assert "devant le 12" in followed(page, observation)
    page.submit(page.get("resident.follow"), {}, action="/suivi/texte")
    assert "devant le 12" not in page.get("resident.follow").text_content()
    other = factories.observation(landmark="devant le 14")
    assert "devant le 14" in followed(page, other)
    page.post("/suivi/retirer", {})
    assert "devant le 14" not in page.get("resident.follow").text_content()


def test_follow_gives_ones_own_data_away_as_a_file(page: Page) -> None:
    observation = factories.observation(text="Des bouteilles")
    followed(page, observation)
    answer = page.client.get("/suivi/donnees.json")
    assert (
        answer.json is not None
        and answer.json["text"] == "Des bouteilles"
        and answer.json["category"]["code"] == "DECHET-1"
    )
    assert "attachment" in answer.headers["Content-Disposition"]


def test_follow_gives_away_all_columns_that_are_kept_but_keys_and_what_would_tell_of_others(page: Page) -> None:
    followed(page, factories.observation(network="a library's"))
    record = page.client.get("/suivi/donnees.json").json
    assert record is not None and record["network_hash_kept"] and record["public"] is None
    named = {"category_id": "category", "sector_id": "sector", "place_id": "place", "text_flags": "wording"}
    named |= {"network_hash": "network_hash_kept", "published_at": "public"}
    in_public = {"public_lon", "public_lat", "public_cell", "public_on"}
    # The client id gives the code away to whoever sends it again; where protected sites are is not told.
    kept_back = {"id", "client_hash", "code_hash", "is_near_protected", "received_protection"}
    # When it leaves the public pages of itself would tell, by its difference, that it left for another reason.
    kept_back |= {"public_protection", "public_until", "left_public_at"}
    columns = {column.name for column in Observation.__table__.columns} - in_public - kept_back
    assert {named.get(name, name) for name in columns} <= set(record)


def test_follow_says_in_the_file_what_everybody_may_read_of_it(page: Page, cast: Cast) -> None:
    followed(page, factories.accepted_case(cast.ana).observations[0])
    record = page.client.get("/suivi/donnees.json").json
    assert record is not None and set(record["public"]) == {"lon", "lat", "on", "since"} and record["public"]["since"]


@pytest.mark.parametrize("address", ["/suivi/texte", "/suivi/retirer", "/suivi/rouvrir", "/suivi/avis"])
def test_follow_acts_need_a_code_first(page: Page, address: str) -> None:
    factories.observation()
    page.post(address, {"answer": "yes"}, status=404)


def test_close_follow_forgets_it_on_this_device(page: Page) -> None:
    followed(page, factories.observation())
    page.post("/suivi/fermer", {})
    assert page.get("resident.follow").xpath("//input[@name='code']")
    page.client.get("/suivi/donnees.json")
    page.visit("/suivi/donnees.json", status=404)


def published(category: str = "DECHET-1", **changes: Any) -> Observation:
    observation = factories.observation(category, at=now() - timedelta(hours=1), **changes)
    intake.publish(observation, at=now())
    return observation


def test_observations_show_only_what_everybody_may_read(page: Page) -> None:
    visible, noise = (
        published(text="mot secret"),
        [factories.observation("DECHET-1"), published("DECHET-2"), published("BIEN-1")],
    )
    intake.withdraw(noise[2], at=now())
    answer = page.client.get("/observations")
    assert visible.reference in answer.text and "mot secret" not in answer.text
    assert not [each.reference for each in noise if each.reference in answer.text]


def test_observations_keep_filters_in_the_address(page: Page) -> None:
    dirty, good = published(), published("BIEN-1")
    html = page.visit("/observations?sujet=positive&secteur=rive-nord&jours=30")
    assert good.reference in html.text_content() and dirty.reference not in html.text_content()
    assert html.xpath("//select[@name='secteur']/option[@selected]/@value") == ["rive-nord"]
    assert "/observations?sujet=safety&secteur=rive-nord&jours=30" in html.xpath("//main//nav//a/@href")


def test_observations_go_on_where_the_page_ended(page: Page) -> None:
    references = {published().reference for _ in range(27)}
    first = page.visit("/observations")
    older = first.xpath("//a[contains(., 'Plus anciennes')]/@href")
    second = page.visit(older[0])
    shown_references = [str(ref) for each in (first, second) for ref in each.xpath("//main//*[@class='ref']/text()")]
    assert len(shown_references) == 27 and set(shown_references) == references


@pytest.mark.parametrize(
    "address", ["/observations?apres=x&sujet=people&etat=lost&jours=-1", "/observations?apres=2026-99-99_A"]
)
def test_observations_survive_a_mangled_address(page: Page, address: str) -> None:
    page.visit(address)


def test_ground_is_the_outline_and_the_places_and_no_shelter(page: Page) -> None:
    answer = page.client.get("/signaler/carte.json")
    kinds = [feature["properties"]["kind"] for feature in answer.json["features"]] if answer.json else []
    assert kinds.count("boundary") == 1 and set(kinds) == {"boundary", "sector", "place"}


EXPLAINING = {
    "resident.privacy": "/confidentialite",
    "resident.accessibility": "/accessibilite",
    "resident.decisions": "/decisions",
    "resident.open_data": "/donnees",
}


@pytest.mark.parametrize(("endpoint", "address"), EXPLAINING.items())
def test_what_explains_is_linked_from_every_footer(page: Page, endpoint: str, address: str) -> None:
    assert page.get(endpoint).xpath(f"//footer//a[@href='{address}']")
    assert page.get("resident.home").xpath(f"//footer//a[@href='{address}']")


def test_decisions_tell_the_rules_in_force_in_their_order_and_never_the_police(page: Page) -> None:
    html = page.get("resident.decisions")
    sentences = [" ".join(each.text_content().split()) for each in html.xpath("//main//ol/li")]
    rules = [rule for rule in routing.rules_in_force() if not rule.partner.is_transfer_only]
    assert sentences == [f"{rule.because.fr} {rule.partner.name.fr}" for rule in rules] and len(sentences) > 3
    assert "65.2" in html.text_content() and "P1" in html.xpath("string(//main//table)")
