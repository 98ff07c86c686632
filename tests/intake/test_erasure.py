"""What is left of an observation taken back, and of one whose words were erased: column by column, and in every table.

A new column of `observation` fails here until it is said what becomes of it.
"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cohab_report.catalogue.models import Protection
from cohab_report.db import db
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.intake.models import Observation, Status
from cohab_report.journal import Event
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)
ERASED_AT = MONDAY + timedelta(days=2)
WORDS = {
    "text": "Un vélo bleu, appelez 819 555-0123",
    "landmark": "devant le kiosque vert",
    "answer": "Plutôt le banc gris",
}
"""Words of the resident that stand nowhere else."""
BEGINS = {
    "id",
    "reference",
    "client_hash",
    "code_hash",
    "kind",
    "category_id",
    "channel",
    "language",
    "received_at",
    "observed_on",
}
"""What an observation is from its first moment, and what its sender holds the key to."""
PROTECTIONS = {"protection", "received_protection", "public_protection"}
PUBLIC_DAYS = {"published_at", "public_on", "public_until", "left_public_at"}
JUDGED = PROTECTIONS | PUBLIC_DAYS | {"is_near_protected", "belongings", "satisfaction", "precision"}
"""What was decided of it, for counts; none of it says who or where."""
ROUGHLY = {"sector_id"}
"""Where it was, as roughly as figures are counted."""
FORGOTTEN_ANYWAY = {"network_hash"}
"""What a nightly job forgets after two days, whatever becomes of the observation."""
REDACTED: dict[str, Any] = {"text": "", "landmark": "", "text_flags": [], "redacted_at": ERASED_AT}
WITHDRAWN: dict[str, Any] = {
    "text": "",
    "landmark": "",
    "text_flags": [],
    "answers": {},
    "point": None,
    "place_id": None,
    "public_lon": None,
    "public_lat": None,
    "public_cell": None,
    "status": Status.WITHDRAWN,
    "withdrawn_at": ERASED_AT,
}
STAYS = BEGINS | JUDGED | ROUGHLY | FORGOTTEN_ANYWAY
WHERE_AND_WHAT = {"answers", "point", "place_id", "public_lon", "public_lat", "public_cell", "status"}


def columns(observation: Observation) -> dict[str, Any]:
    """The row as the database has it."""
    db.session.flush()
    table = Observation.__table__
    row = db.session.execute(select(table).where(table.c.id == observation.id)).one()
    return {
        name: str(value) if name == "point" and value is not None else value for name, value in row._mapping.items()
    }


@pytest.fixture
def complete_observation(session, cast) -> Observation:
    """An observation of which everything is known that can be: every column says something."""
    observation = factories.observation(
        "DECHET-1",
        point=factories.BY_THE_SCHOOL,
        place="jardin-des-saules",
        precision="place",
        text=WORDS["text"],
        landmark=WORDS["landmark"],
        answers={"verre": "yes"},
        network="a",
    )
    case = queries.case_of_observation(observation.id)
    triage.accept(case, by=cast.ana, at=LATER)
    inquiries.ask_author(observation, "Près de quel banc ?", by=cast.ana, at=LATER)
    inquiries.answer_inquiry(observation, WORDS["answer"], at=LATER)
    inquiries.ask_author(observation, "Et de quelle couleur ?", by=cast.ana, at=LATER)
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=LATER)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    intake.rate(observation, "partly", at=LATER)
    contacts.request_confirmation(observation, "rosa@example.org", language="fr", at=LATER)
    session.flush()
    return observation


def everywhere() -> str:
    """All that the database holds, table by table."""
    db.session.flush()
    tables = db.metadata.sorted_tables
    return "\n".join(str(tuple(row)) for table in tables for row in db.session.execute(select(table)))


def test_before_anything_is_erased_every_column_says_something(complete_observation):
    silent = [name for name, value in columns(complete_observation).items() if value in (None, "", [], {}, False)]
    assert silent == ["left_public_at", "withdrawn_at", "redacted_at"], (
        "give the new column a value in `complete_observation`, or nothing is proven of it"
    )
    assert complete_observation.protection is Protection.PUBLIC_CELL and complete_observation.public_cell is not None
    assert all(words in everywhere() for words in WORDS.values())


@pytest.mark.parametrize(
    ("erase", "becomes", "stays"),
    [
        (lambda it, cast: intake.withdraw(it, at=ERASED_AT), WITHDRAWN, STAYS | {"redacted_at"}),
        (
            lambda it, cast: intake.redact_text(it, by=cast.ana, at=ERASED_AT),
            REDACTED,
            STAYS | WHERE_AND_WHAT | {"withdrawn_at"},
        ),
    ],
    ids=["withdrawn", "redacted"],
)
def test_of_every_column_it_is_said_what_becomes_of_it(complete_observation, cast, erase, becomes, stays):
    assert not set(becomes) & stays
    before = columns(complete_observation)
    forgotten = set(before) - set(becomes) - stays
    assert not forgotten, f"say in tests/intake/test_erasure.py what becomes of {forgotten}"
    assert set(becomes) | stays == set(before), "these are no columns"
    erase(complete_observation, cast)
    after = columns(complete_observation)
    assert {name: after[name] for name in becomes} == becomes
    assert {name: after[name] for name in stays} == {name: before[name] for name in stays}
    assert all(before[name] != value for name, value in becomes.items()), "something was erased"


def test_no_table_keeps_a_word_of_what_was_taken_back(complete_observation):
    intake.withdraw(complete_observation, at=ERASED_AT)
    assert [words for words in WORDS.values() if words in everywhere()] == []


def test_no_table_keeps_a_word_of_what_was_redacted(complete_observation, cast):
    intake.redact_text(complete_observation, by=cast.ana, at=ERASED_AT)
    assert [words for words in WORDS.values() if words in everywhere()] == []


def test_nothing_is_asked_any_more_of_who_took_it_back(complete_observation, session):
    intake.withdraw(complete_observation, at=ERASED_AT)
    session.flush()
    answered, dropped = session.scalars(
        select(Inquiry).where(Inquiry.observation_id == complete_observation.id).order_by(Inquiry.id)
    )
    assert (answered.state, answered.is_erased) == (InquiryState.ANSWERED, True), "that there was an answer stays"
    assert (dropped.state, dropped.ended_at) == (InquiryState.DROPPED, ERASED_AT)


def test_taken_back_twice_is_taken_back_once(complete_observation, session):
    intake.withdraw(complete_observation, at=ERASED_AT)
    before = columns(complete_observation)
    intake.withdraw(complete_observation, at=ERASED_AT + timedelta(days=1))
    assert columns(complete_observation) == before
    events = session.scalars(select(Event).where(Event.name == "observation.withdrawn")).all()
    assert [event.happened_at for event in events] == [ERASED_AT]


def test_what_was_taken_back_stays_so_whatever_becomes_of_its_case(session, cast):
    case = factories.case("DECHET-1")
    observation = case.observations[0]
    intake.withdraw(observation, at=LATER)
    triage.accept(case, by=cast.ana, at=LATER)
    assert observation.status is Status.WITHDRAWN
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=LATER)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    session.flush()
    assert observation.status is Status.WITHDRAWN and not observation.is_public
    intake.set_public_status(observation, Status.TAKEN_UP)
    assert observation.status is Status.WITHDRAWN


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.WITHDRAWN])
def test_what_was_not_taken_back_takes_any_word(session, status):
    observation = factories.observation()
    intake.set_public_status(observation, status)
    assert observation.status is status
