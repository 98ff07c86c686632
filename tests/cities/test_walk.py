"""Every category of the shipped city can be sent, waits in its queue, counts toward the plan and finds a partner."""

from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Priority, Protection
from cohab_report.cities.loader import load_profile
from cohab_report.cities.tables import PROFILES_FOLDER
from cohab_report.db import db
from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings, Observation
from cohab_report.intake.rules import Submission
from cohab_report.routing import operations as routing
from cohab_report.triage import queries as triage
from cohab_report.triage.models import Case
from cohab_report.triage.waiting.models import QueueKind

SHIPPED = next(folder for folder in sorted(PROFILES_FOLDER.iterdir()) if (folder / "city.toml").exists())
LOADED = datetime(2026, 11, 2, 9, tzinfo=UTC)
TUESDAY_MORNING = datetime(2026, 11, 17, 15, tzinfo=UTC)
TUESDAY_NIGHT = datetime(2026, 11, 18, 3, tzinfo=UTC)
UPTOWN = Point(-72.585, 46.340)
"""In the city, downtown nowhere near, and no protected site within a kilometre."""
PARTNERS = {
    **{f"PROP-{number}": "TP" for number in range(1, 9)},
    "SECU-1": "TP",
    "SECU-2": "TP",
    "SECU-3": "TP",
    "SECU-4": "VILLE",
    "SECU-5": "VILLE",
    "SECU-6": "NOMADE",
    "SECU-7": "PDR",
    "POSI-1": "VILLE",
    "POSI-2": "CULTURE3R",
    "POSI-3": "TP",
    "POSI-4": "PDR",
    "POSI-5": "VILLE",
}


@pytest.fixture
def shipped_city(session: Session) -> Session:
    """The shipped profile in a database that was emptied for it."""
    for table in reversed(db.metadata.sorted_tables):
        session.execute(table.delete())
    session.expire_all()
    load_profile(SHIPPED, at=LOADED)
    session.commit()
    return session


def calm_answers(category: Category) -> dict[str, str]:
    """The last option of each mandatory question: none of them is an emergency."""
    return {
        question.code: question.option_codes[-1]
        for question in category.questions
        if question.is_required and "no" not in question.option_codes
    } | {
        question.code: "no" for question in category.questions if question.is_required and "no" in question.option_codes
    }


def send_observation(
    category: Category,
    *,
    belongings: Belongings = Belongings.NO,
    at: datetime,
    place: str = "",
    answers: dict[str, str] | None = None,
) -> Case:
    """Sends an observation of this category and returns its case."""
    submission = Submission(
        client_id=uuid4(),
        category=category.code,
        point=None if place else UPTOWN,
        place=place,
        observed_on=TUESDAY_MORNING.date(),
        answers=calm_answers(category) | (answers or {}),
        belongings=belongings if category.asks_belongings else Belongings.NOT_ASKED,
    )
    observation: Observation = receiving.receive(submission, at=at)
    return triage.case_of_observation(observation.id)


def partner_of(case: Case, at: datetime) -> str | None:
    suggestion = routing.suggest_partner(case, at=at)
    return suggestion.partner.code if suggestion else None


def form_categories() -> list[Category]:
    return [
        catalogue.category_or_refuse(category.code) for category in catalogue.categories() if category.opens_the_form
    ]


def test_every_category_can_be_sent_and_finds_its_partner_and_its_actions(shipped_city: Session) -> None:
    cases = {category.code: send_observation(category, at=TUESDAY_MORNING) for category in form_categories()}
    assert {code: partner_of(case, TUESDAY_MORNING) for code, case in cases.items()} == PARTNERS
    assert all(
        case.queue.kind is QueueKind.NORMAL and case.queue.code == case.category.queue_code for case in cases.values()
    )
    assert all(case.links for case in cases.values())
    assert all(case.protection >= case.category.protection for case in cases.values())


def test_where_somebody_may_live_outreach_goes_first_by_day_and_by_night(shipped_city: Session) -> None:
    asking = [category for category in form_categories() if category.asks_belongings]
    assert len(asking) == 12
    for category, belongings in product(asking, (Belongings.YES, Belongings.UNKNOWN)):
        case = send_observation(category, belongings=belongings, at=TUESDAY_MORNING)
        assert (case.queue.kind, case.protection, case.works_are_locked) == (
            QueueKind.OCCUPANCY,
            Protection.NEVER_PUBLIC,
            True,
        )
        assert (partner_of(case, TUESDAY_MORNING), partner_of(case, TUESDAY_NIGHT)) == ("NOMADE", "PDR")


def test_at_night_a_worry_goes_where_somebody_is_awake(shipped_city: Session) -> None:
    worry = catalogue.category_or_refuse("SECU-7")
    assert partner_of(send_observation(worry, at=TUESDAY_NIGHT), TUESDAY_NIGHT) == "LH"


def test_litter_goes_to_the_brigade_downtown_and_to_public_works_elsewhere(shipped_city: Session) -> None:
    litter = catalogue.category_or_refuse("PROP-2")
    partners = {
        place: partner_of(send_observation(litter, at=TUESDAY_MORNING, place=place), TUESDAY_MORNING)
        for place in ("rue-hart", "terminus-du-cap")
    }
    assert partners == {"rue-hart": "SDC", "terminus-du-cap": "TP"}


HAZARDS = [
    ("PROP-2", "verre", "yes", Priority.P2),
    ("PROP-5", "canicule", "yes", Priority.P2),
    ("PROP-6", "haineux", "yes", Priority.P2),
    ("PROP-6", "haineux", "no", Priority.P4),
    ("SECU-2", "sortie", "yes", Priority.P1),
    ("PROP-1", "depuis", "week", Priority.P3),
]
EMERGENCIES = [
    ("SECU-6", "allume", "lit"),
    ("SECU-7", "danger", "yes"),
    ("SECU-7", "enfant", "yes"),
    ("SECU-3", "chute", "yes"),
]


def test_a_hazard_raises_the_priority_and_nothing_else_does(shipped_city: Session) -> None:
    for code, question, answer, priority in HAZARDS:
        case = send_observation(catalogue.category_or_refuse(code), at=TUESDAY_MORNING, answers={question: answer})
        assert case.priority is priority, (code, question, answer)


def test_an_emergency_can_t_be_sent(shipped_city: Session) -> None:
    for code, question, answer in EMERGENCIES:
        with pytest.raises(Invalid, match="answers: emergency"):
            send_observation(catalogue.category_or_refuse(code), at=TUESDAY_MORNING, answers={question: answer})


def test_what_is_only_a_signpost_keeps_nothing(shipped_city: Session) -> None:
    for code in ("SECU-8", "POSI-6"):
        category = catalogue.category_or_refuse(code)
        assert catalogue.signposts(category.signpost_codes)
        with pytest.raises(Invalid, match="category: signpost_only"):
            send_observation(category, at=TUESDAY_MORNING)
    assert not shipped_city.scalars(select(Observation)).all()
