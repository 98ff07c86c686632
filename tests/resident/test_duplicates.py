"""“Already reported?”, as Rosa answers it: she sees what everybody may read, and says whether it is the same."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.intake import receiving
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.models import Belongings, Observation, Status
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page
from tests.resident.test_views import heading, rosa, send, session_of, where_to

__all__ = ["rosa"]  # a fixture
pytestmark = pytest.mark.usefixtures("session")
HALL = Point(-1.25, 47.151)
Rosa = Callable[..., Page]


@pytest.fixture
def public_case(cast: Cast) -> Case:
    """What somebody told of the same thing thirty metres away, a day before; the team has accepted it.

    The middle of its square, which alone is public, is some twenty metres away.
    """
    return there(cast)


def there(cast: Cast, category: str = "DECHET-1", *, north: float = 0.0, **changes: Any) -> Case:
    changes.setdefault("at", factories.MONDAY - timedelta(days=1))
    return factories.accepted_case(cast.ana, category, point=Point(HALL.lon, HALL.lat + 0.00027 + north), **changes)


def say_the_same(page: Page, case: Case, belongings: str = "no") -> None:
    page.post("/signaler/deja", {"joins": case.reference})
    assert where_to(page) == "/signaler/effets"
    page.post("/signaler/effets", {"belongings": belongings})
    assert where_to(page) == "/signaler/verifier"


def rosas_observation() -> Observation:
    return db.session.scalars(select(Observation).order_by(Observation.id.desc())).first()  # type: ignore[return-value]


def test_duplicates_shows_what_is_open_near_there_with_its_distance_in_words(rosa: Rosa, public_case: Case) -> None:
    page = rosa(upto="questions")
    assert where_to(page) == "/signaler/deja"
    html = page.get("resident.duplicates")
    assert heading(html).startswith("Déjà signalé")
    card = html.xpath("string(//main//li[contains(@class, 'duplicate')])")
    assert (
        public_case.reference in card
        and "environ 20" in card
        and "15 novembre 2026" in card
        and "Pris en charge" in card
    )
    assert "Étape 4 de 7" in html.text_content()


def test_duplicates_is_no_page_where_there_is_nothing_to_show(rosa: Rosa) -> None:
    page = rosa(upto="questions")
    assert where_to(page) == "/signaler/questions"
    assert heading(page.get("resident.duplicates")).startswith("Déjà") is False


def test_duplicates_is_not_asked_of_somebody_who_knows_only_about_where(rosa: Rosa, public_case: Case) -> None:
    assert where_to(rosa(place="sector:rive-nord", upto="questions")) == "/signaler/questions"


def test_duplicates_says_of_a_cell_no_more_than_the_cell(rosa: Rosa, cast: Cast) -> None:
    there(cast, "DECHET-3")
    page = rosa(category="DECHET-3", upto="questions")
    card = page.get("resident.duplicates").xpath("string(//main//li[contains(@class, 'duplicate')])")
    assert "même zone d’environ 150" in card and " 30" not in card and "40" not in card


def test_duplicates_something_else_goes_on_as_ever(rosa: Rosa, public_case: Case) -> None:
    page = rosa(upto="questions")
    page.post("/signaler/deja", {"joins": "other"})
    assert where_to(page) == "/signaler/questions"
    page.post("/signaler/questions", {"text": "", "observed_on": "2026-11-16"})
    page.post("/signaler/effets", {"belongings": "no"})
    send(page)
    assert queries.case_of_observation(rosas_observation().id).id != public_case.id


@pytest.mark.parametrize(("typed", "words"), [({}, "Dites si"), ({"joins": "ZZZZZZZ"}, "plus ouverte ici")])
def test_duplicates_without_an_answer_asks_again_in_words(
    rosa: Rosa, public_case: Case, typed: dict[str, str], words: str
) -> None:
    page = rosa(upto="questions")
    html = checked_page(page.post("/signaler/deja", typed, status=422).text)
    assert words in html.xpath("string(//*[@id='erreurs'])")
    assert html.xpath("//*[@id='erreurs']//a/@href")[0].lstrip("#") in html.xpath("//@id")


def test_duplicates_joins_with_a_code_of_its_own_and_a_status_told_at_once(rosa: Rosa, public_case: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, public_case)
    review = page.get("resident.review")
    assert public_case.reference in review.text_content() and "Étape 6 de 6" in review.text_content()
    code = send(page)
    receipt = page.get("resident.receipt").text_content()
    assert (
        len(code) == 24 and "déjà signalé" in receipt and "Pris en charge" in receipt and "suivie à part" not in receipt
    )
    assert (
        queries.case_of_observation(rosas_observation().id).id == public_case.id
        and rosas_observation().status is Status.TAKEN_UP
        and rosas_observation().reference != public_case.reference
    )
    page.post("/suivi", {"code": code})
    followed = page.get("resident.follow").text_content()
    assert "rejoint ce que d’autres" in followed and "Votre observation est arrivée." in followed
    assert public_case.links[0].action.title.fr not in followed, "what becomes of the case is its opener's story"
    assert "la prend en charge" not in followed, "what happened before it came is not its own history"


def test_duplicates_sent_twice_joins_once(rosa: Rosa, public_case: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, public_case)
    review = page.get("resident.review")
    page.submit(review, {}, action="/signaler/envoyer")
    page.submit(review, {}, action="/signaler/envoyer")
    db.session.expire_all()
    assert len(queries.case_or_refuse(public_case.reference).observations) == 2


def test_duplicates_still_lets_one_add_words(rosa: Rosa, public_case: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, public_case)
    html = page.get("resident.questions")
    assert not html.xpath("//input[starts-with(@name, 'answer_')]")
    page.submit(html, {"text": "Le sac est ouvert"}, action="/signaler/questions")
    assert where_to(page) == "/signaler/verifier"
    send(page)
    assert (
        rosas_observation().text == "Le sac est ouvert"
        and queries.case_of_observation(rosas_observation().id).id == public_case.id
    )


def test_duplicates_asks_again_when_the_place_changes(rosa: Rosa, public_case: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, public_case)
    page.post("/signaler/lieu", {"place": "jardin-des-saules"})
    assert where_to(page) == "/signaler/questions"
    assert "joins" not in session_of(page)["sketch"]


def test_duplicates_closed_before_sending_opens_a_case_and_says_so(rosa: Rosa, public_case: Case, cast: Cast) -> None:
    page = rosa(upto="questions")
    say_the_same(page, public_case)
    triage.close(public_case, ClosingReason.DONE, by=cast.ana, at=now())
    send(page)
    assert "suivie à part" in page.get("resident.receipt").text_content()
    assert (
        queries.case_of_observation(rosas_observation().id).state is CaseState.NEW
        and rosas_observation().status is Status.RECEIVED
    )


def test_duplicates_closed_before_answering_goes_on_and_says_so(rosa: Rosa, public_case: Case, cast: Cast) -> None:
    page = rosa(upto="questions")
    triage.close(public_case, ClosingReason.DONE, by=cast.ana, at=now())
    page.post("/signaler/deja", {"joins": public_case.reference})
    assert where_to(page) == "/signaler/questions"
    assert "plus ouvert" in page.get("resident.questions").text_content()


def test_duplicates_with_belongings_in_use_locks_works_and_takes_it_off_public_pages_at_night(
    rosa: Rosa, public_case: Case
) -> None:
    page = rosa(upto="questions")
    say_the_same(page, public_case, belongings="unknown")
    send(page)
    db.session.expire_all()
    case = queries.case_or_refuse(public_case.reference)
    assert case.state is CaseState.OCCUPANCY_CHECK and case.works_are_locked and len(case.observations) == 2
    assert public_case.reference in page.client.get("/observations").text, "leaving at once would tell everybody"
    editions.make_edition(at=now())
    db.session.commit()
    assert public_case.reference not in page.client.get("/observations").text


def test_duplicates_in_one_case_is_shown_once(rosa: Rosa, public_case: Case, cast: Cast) -> None:
    triage.merge(there(cast, north=0.0001), into=public_case, by=cast.ana, at=factories.MONDAY)
    page = rosa(upto="questions")
    assert len(page.get("resident.duplicates").xpath("//main//li[contains(@class, 'duplicate')]")) == 1


def test_the_case_tells_the_team_of_both(page: Page, public_case: Case, cast: Cast) -> None:
    joined = receiving.receive(
        factories.submission(point=HALL, joins=public_case.reference, belongings=Belongings.NO), at=factories.MONDAY
    )
    db.session.commit()
    html = page.get("triage.case", as_=cast.ana, reference=public_case.reference)
    assert "2 observations" in html.text_content() and joined.reference in html.text_content()
    assert "Une autre personne a vu la même chose" in html.text_content()


def test_again_says_that_the_place_is_kept_until_another_is_chosen(rosa: Rosa) -> None:
    page = rosa()
    send(page)
    page.post("/signaler/encore", {})
    text = page.get("resident.subject").text_content()
    assert "Le lieu est gardé" in text and "La Halle" in text
    page.post("/signaler/sujet", {"kind": "safety"})
    category = page.get("resident.category")
    assert "La Halle" in category.text_content()
    assert "/signaler/lieu" in category.xpath("//main//*[contains(@class, 'notice')]//a/@href")
    page.post("/signaler/lieu", {"place": "quai"})
    assert "Le lieu est gardé" not in page.get("resident.category").text_content()
