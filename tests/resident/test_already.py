"""“Already reported?”, as Rosa answers it: she sees what everybody may read, and says whether it is the same."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings, Observation, Status
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.page import Page, looked_at
from tests.resident.test_views import heading, kept_in, rosa, send, where_to

__all__ = ["rosa"]  # a fixture
pytestmark = pytest.mark.usefixtures("session")
HALL = Point(-1.25, 47.151)
Rosa = Callable[..., Page]


@pytest.fixture
def seen(cast: Cast) -> Case:
    """What somebody told of the same thing thirty metres away, a day before; the team has accepted it."""
    return there(cast)


def there(cast: Cast, category: str = "DECHET-1", *, north: float = 0.0, **changes: Any) -> Case:
    changes.setdefault("at", factories.MONDAY - timedelta(days=1))
    return factories.accepted(cast.ana, category, point=Point(HALL.lon, HALL.lat + 0.00027 + north), **changes)


def say_the_same(page: Page, case: Case, belongings: str = "no") -> None:
    page.post("/signaler/deja", {"joins": case.reference})
    assert where_to(page) == "/signaler/effets"
    page.post("/signaler/effets", {"belongings": belongings})
    assert where_to(page) == "/signaler/verifier"


def mine() -> Observation:
    return db.session.scalars(select(Observation).order_by(Observation.id.desc())).first()  # type: ignore[return-value]


def test_already_shows_what_is_open_near_there_with_its_distance_in_words(rosa: Rosa, seen: Case) -> None:
    page = rosa(upto="questions")
    assert where_to(page) == "/signaler/deja"
    found = page.get("resident.already")
    assert heading(found).startswith("Déjà signalé")
    card = found.xpath("string(//main//li[contains(@class, 'already')])")
    assert seen.reference in card and "environ 30" in card and "15 novembre 2026" in card and "Pris en charge" in card
    assert "Étape 4 de 7" in found.text_content()


def test_already_is_no_page_where_there_is_nothing_to_show(rosa: Rosa) -> None:
    page = rosa(upto="questions")
    assert where_to(page) == "/signaler/questions"
    assert heading(page.get("resident.already")).startswith("Déjà") is False


def test_already_is_not_asked_of_somebody_who_knows_only_about_where(rosa: Rosa, seen: Case) -> None:
    assert where_to(rosa(place="sector:rive-nord", upto="questions")) == "/signaler/questions"


def test_already_says_of_a_cell_no_more_than_the_cell(rosa: Rosa, cast: Cast) -> None:
    there(cast, "DECHET-3")
    page = rosa(category="DECHET-3", upto="questions")
    card = page.get("resident.already").xpath("string(//main//li[contains(@class, 'already')])")
    assert "même zone d’environ 150" in card and " 30" not in card and "40" not in card


def test_already_something_else_goes_on_as_ever(rosa: Rosa, seen: Case) -> None:
    page = rosa(upto="questions")
    page.post("/signaler/deja", {"joins": "other"})
    assert where_to(page) == "/signaler/questions"
    page.post("/signaler/questions", {"text": "", "observed_on": "2026-11-16"})
    page.post("/signaler/effets", {"belongings": "no"})
    send(page)
    assert queries.case_of(mine().id).id != seen.id


@pytest.mark.parametrize(("typed", "words"), [({}, "Dites si"), ({"joins": "ZZZZZZZ"}, "plus ouverte ici")])
def test_already_without_an_answer_asks_again_in_words(
    rosa: Rosa, seen: Case, typed: dict[str, str], words: str
) -> None:
    page = rosa(upto="questions")
    found = looked_at(page.post("/signaler/deja", typed, status=422).text)
    assert words in found.xpath("string(//*[@id='erreurs'])")
    assert found.xpath("//*[@id='erreurs']//a/@href")[0].lstrip("#") in found.xpath("//@id")


def test_already_joins_with_a_code_of_its_own_and_a_status_told_at_once(rosa: Rosa, seen: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, seen)
    review = page.get("resident.review")
    assert seen.reference in review.text_content() and "Étape 6 de 6" in review.text_content()
    code = send(page)
    receipt = page.get("resident.receipt").text_content()
    assert (
        len(code) == 24 and "déjà signalé" in receipt and "Pris en charge" in receipt and "suivie à part" not in receipt
    )
    assert (
        queries.case_of(mine().id).id == seen.id
        and mine().status is Status.TAKEN_UP
        and mine().reference != seen.reference
    )
    page.post("/suivi", {"code": code})
    followed = page.get("resident.follow").text_content()
    assert "rejoint ce que d’autres" in followed and "Votre observation est arrivée." in followed
    assert seen.links[0].action.title.fr in followed, "what the case counts toward is told from the first"
    assert "la prend en charge" not in followed, "what happened before it came is not its own history"


def test_already_sent_twice_joins_once(rosa: Rosa, seen: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, seen)
    review = page.get("resident.review")
    page.submit(review, {}, action="/signaler/envoyer")
    page.submit(review, {}, action="/signaler/envoyer")
    db.session.expire_all()
    assert len(queries.case_or_refuse(seen.reference).observations) == 2


def test_already_still_lets_one_add_words(rosa: Rosa, seen: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, seen)
    found = page.get("resident.questions")
    assert not found.xpath("//input[starts-with(@name, 'answer_')]")
    page.submit(found, {"text": "Le sac est ouvert"}, action="/signaler/questions")
    assert where_to(page) == "/signaler/verifier"
    send(page)
    assert mine().text == "Le sac est ouvert" and queries.case_of(mine().id).id == seen.id


def test_already_asks_again_when_the_place_changes(rosa: Rosa, seen: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, seen)
    page.post("/signaler/lieu", {"place": "jardin-des-saules"})
    assert where_to(page) == "/signaler/questions"
    assert "joins" not in kept_in(page)["sketch"]


def test_already_closed_before_sending_opens_a_case_and_says_so(rosa: Rosa, seen: Case, cast: Cast) -> None:
    page = rosa(upto="questions")
    say_the_same(page, seen)
    triage.close(seen, ClosingReason.DONE, by=cast.ana, at=now())
    send(page)
    assert "suivie à part" in page.get("resident.receipt").text_content()
    assert queries.case_of(mine().id).state is CaseState.NEW and mine().status is Status.RECEIVED


def test_already_closed_before_answering_goes_on_and_says_so(rosa: Rosa, seen: Case, cast: Cast) -> None:
    page = rosa(upto="questions")
    triage.close(seen, ClosingReason.DONE, by=cast.ana, at=now())
    page.post("/signaler/deja", {"joins": seen.reference})
    assert where_to(page) == "/signaler/questions"
    assert "plus ouvert" in page.get("resident.questions").text_content()


def test_already_with_belongings_in_use_locks_works_and_takes_it_off_public_pages(rosa: Rosa, seen: Case) -> None:
    page = rosa(upto="questions")
    say_the_same(page, seen, belongings="unknown")
    send(page)
    db.session.expire_all()
    case = queries.case_or_refuse(seen.reference)
    assert case.state is CaseState.OCCUPANCY_CHECK and case.works_are_locked and len(case.observations) == 2
    assert seen.reference not in page.client.get("/observations").text


def test_already_in_one_case_is_shown_once(rosa: Rosa, seen: Case, cast: Cast) -> None:
    triage.merge(there(cast, north=0.0001), into=seen, by=cast.ana, at=factories.MONDAY)
    page = rosa(upto="questions")
    assert len(page.get("resident.already").xpath("//main//li[contains(@class, 'already')]")) == 1


def test_the_case_tells_the_team_of_both(page: Page, seen: Case, cast: Cast) -> None:
    joined = intake.receive(
        factories.draft(point=HALL, joins=seen.reference, belongings=Belongings.NO), at=factories.MONDAY
    )
    db.session.commit()
    found = page.get("triage.case", as_=cast.ana, reference=seen.reference)
    assert "2 observations" in found.text_content() and joined.reference in found.text_content()
    assert "Une autre personne a vu la même chose" in found.text_content()


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
