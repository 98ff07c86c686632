"""What residents' acts leave in the journal and in their row, and what a refusal says: who, when, in which state."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Protection
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import floods, receiving
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings, Channel, Observation, Precision, Status
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)
Act = Callable[[Observation, Cast], object]
ACTS: dict[str, Act] = {
    "redact": lambda observation, cast: intake.redact_text(observation, by=cast.bea, at=LATER),
    "withdraw": lambda observation, _cast: intake.withdraw(observation, at=LATER),
    "reopen": lambda observation, _cast: intake.request_reopening(observation, at=LATER),
    "rate": lambda observation, _cast: intake.rate(observation, "partly", at=LATER),
}


def closed(cast: Cast, reason: ClosingReason = ClosingReason.DONE) -> Case:
    case = factories.accepted_case(cast.ana)
    triage.close(case, reason, by=cast.ana, at=MONDAY)
    return case


def last_id(session: Session) -> int:
    session.flush()
    return max(session.scalars(select(journal.Event.id)))


def recorded(session: Session, observation: Observation, after: int) -> list[journal.Event]:
    """The events that are the observation's own, the oldest first."""
    session.flush()
    query = select(journal.Event).where(journal.Event.thread == observation.reference, journal.Event.id > after)
    own = query.where(journal.Event.name.startswith("observation."))
    return list(session.scalars(own.order_by(journal.Event.id)))


@pytest.mark.parametrize(
    ("act", "name", "is_public", "facts"),
    [
        ("redact", "observation.redacted", True, {}),
        ("withdraw", "observation.withdrawn", True, {"observation": "its"}),
        ("reopen", "observation.reopening_requested", True, {"observation": "its"}),
        ("rate", "observation.rated", False, {"answer": "partly"}),
    ],
)
def test_an_act_is_recorded_once_by_who_did_it_at_that_moment(
    session: Session, cast: Cast, act: str, name: str, is_public: bool, facts: dict[str, Any]
) -> None:
    (observation,) = closed(cast).observations
    before = last_id(session)
    ACTS[act](observation, cast)
    (event,) = recorded(session, observation, before)
    actor = cast.bea if act == "redact" else journal.RESIDENT
    assert (event.name, event.actor, event.happened_at) == (name, actor.journal_name, LATER)
    assert event.is_public is is_public
    assert event.facts == {key: observation.id if value == "its" else value for key, value in facts.items()}


@pytest.mark.parametrize("belongings", list(Belongings))
def test_a_receipt_is_recorded_with_its_priority_and_by_who_typed_it(
    session: Session, cast: Cast, belongings: Belongings
) -> None:
    category = "LIEU-2" if belongings is Belongings.NOT_ASKED else "DECHET-1"
    submission = factories.submission(category, belongings=belongings, channel=Channel.PHONE)
    observation = receiving.receive(submission, at=LATER, by=cast.bea)
    (event,) = recorded(session, observation, 0)
    priority = queries.case_of_observation(observation.id).priority
    assert (event.name, event.actor, event.happened_at) == ("observation.received", cast.bea.journal_name, LATER)
    assert event.facts == {"observation": observation.id, "priority": int(priority), "flooded": False}


def test_of_a_receipt_every_column_is_what_was_sent_or_follows_from_it(session: Session) -> None:
    submission = factories.submission(
        "DECHET-3",
        point=factories.BY_THE_SCHOOL,
        place="quai",
        precision=Precision.PLACE,
        text=" Un fauteuil, appelez le 819 555-0123 \n",
        landmark=" pre\u0300s du 12, rosa@b.ca ",
        observed_on=MONDAY.date() - timedelta(days=2),
        channel=Channel.PHONE,
        language="en",
    )
    observation = receiving.receive(submission, at=LATER, network="a")
    session.flush()
    session.expire_all()
    city, category = territory.city_facts(), catalogue.category_or_refuse("DECHET-3")
    quay = territory.place_by_code("quai")
    assert quay
    cell = city.lattice.cell(factories.BY_THE_SCHOOL)
    centre = city.lattice.centre(cell)
    kept = {column.key: getattr(observation, column.key) for column in Observation.__table__.columns}
    assert kept.pop("id") and len(kept.pop("reference")) == 7 and observation.exact_point == factories.BY_THE_SCHOOL
    for hashed in ("client_hash", "code_hash"):
        assert kept.pop(hashed) not in {None, submission.client_id}
    assert kept.pop("network_hash") == floods.daily_network_hash("a", LATER) and kept.pop("point")
    assert kept == {
        "kind": category.kind,
        "category_id": category.id,
        "sector_id": city.sector_of(factories.BY_THE_SCHOOL).id,
        "place_id": quay.id,
        "precision": Precision.PLACE,
        "is_near_protected": True,
        "landmark": "pr\u00e8s du 12, rosa@b.ca",
        "text": "Un fauteuil, appelez le 819 555-0123",
        "text_flags": ["email", "phone"],
        "answers": {},
        "belongings": Belongings.NO,
        "observed_on": MONDAY.date() - timedelta(days=2),
        "received_at": LATER,
        "channel": Channel.PHONE,
        "language": "en",
        "protection": Protection.PUBLIC_CELL,
        "received_protection": Protection.PUBLIC_CELL,
        "status": Status.RECEIVED,
        "published_at": None,
        "public_until": None,
        "left_public_at": None,
        "public_protection": Protection.PUBLIC_CELL,
        "public_lon": centre.lon,
        "public_lat": centre.lat,
        "public_cell": cell,
        "public_on": MONDAY.date() - timedelta(days=2),
        "withdrawn_at": None,
        "redacted_at": None,
        "satisfaction": None,
    }


def flooded(session: Session, observation: Observation) -> bool:
    received = next(each for each in recorded(session, observation, 0) if each.name == "observation.received")
    return bool(received.facts["flooded"])


def test_the_sixth_of_an_hour_from_one_network_is_a_flood_and_what_staff_type_never_is(session: Session) -> None:
    first, *more = [factories.observation(at=MONDAY, network="a") for _ in range(5)]
    assert not any(flooded(session, each) for each in (first, *more))
    assert flooded(session, factories.observation(at=LATER - timedelta(seconds=1), network="a"))
    assert not flooded(session, factories.observation(at=LATER, network="b"))
    assert not flooded(session, factories.observation(at=LATER))
    for channel in (Channel.PHONE, Channel.IMPORT):
        assert not flooded(
            session, factories.observation(at=LATER - timedelta(seconds=1), network="a", channel=channel)
        )
    assert not flooded(session, factories.observation(at=LATER, network="a")), "an hour ago is not within the hour"


def test_a_receipt_says_which_one_it_is_the_same_as_and_only_where_that_is_near(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    (first,) = case.observations
    joining = factories.observation(at=LATER, joins=case.reference)
    roughly = factories.observation(at=LATER, joins=case.reference, precision=Precision.ABOUT)
    elsewhere = factories.observation(at=LATER, joins=case.reference, point=factories.BY_THE_SCHOOL)
    other = factories.observation("DECHET-3", at=LATER, joins=case.reference)
    unknown = factories.observation(at=LATER, joins="CCCCCCC")
    for observation in (roughly, elsewhere, other, unknown):
        (event,) = [each for each in recorded(session, observation, 0) if each.name == "observation.received"]
        assert "joins" not in event.facts
    received, joined = recorded(session, joining, 0)
    assert (received.facts["joins"], joined.name) == (first.id, "observation.joined")


@pytest.mark.parametrize(
    ("act", "target", "status"),
    [("reopen", "reopen", Status.TAKEN_UP), ("rate", "rate", Status.TAKEN_UP)],
)
def test_what_is_not_finished_is_neither_rated_nor_opened_again(
    session: Session, cast: Cast, act: str, target: str, status: Status
) -> None:
    (observation,) = factories.accepted_case(cast.ana).observations
    before = last_id(session)
    with pytest.raises(MoveRefused) as refused:
        ACTS[act](observation, cast)
    assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == (
        "observation",
        status.value,
        target,
        "open",
    )
    assert recorded(session, observation, before) == [] and observation.satisfaction is None


@pytest.mark.parametrize("reason", list(ClosingReason))
def test_it_is_opened_again_for_thirty_days_to_the_moment_however_it_was_closed(
    session: Session, cast: Cast, reason: ClosingReason
) -> None:
    (observation,) = closed(cast, reason).observations
    over = MONDAY + timedelta(days=30)
    with pytest.raises(MoveRefused) as late:
        intake.request_reopening(observation, at=over + timedelta(seconds=1))
    assert (late.value.noun, late.value.state, late.value.target, late.value.why) == (
        "observation",
        observation.status.value,
        "reopen",
        "late",
    )
    intake.request_reopening(observation, at=over)
    assert observation.status is Status.RECEIVED


@pytest.mark.parametrize("answer", ["yes", "partly", "no"])
def test_of_three_answers_each_is_kept_and_any_other_word_is_refused(session: Session, cast: Cast, answer: str) -> None:
    (observation,) = closed(cast, ClosingReason.REDIRECTED).observations
    with pytest.raises(Invalid) as refused:
        intake.rate(observation, answer.upper(), at=LATER)
    assert (refused.value.field, refused.value.reason) == ("satisfaction", "unknown")
    assert observation.satisfaction is None
    intake.rate(observation, answer, at=LATER)
    assert observation.satisfaction == answer


def test_a_code_opens_its_own_observation_and_a_refusal_says_what_is_wrong_with_it(session: Session) -> None:
    mine, other = factories.observation(), factories.observation()
    code, nobodys = factories.code_of(mine), intake.code_of(mine, factories.submission().client_id)
    assert code != factories.code_of(other)
    assert intake.observation_by_code(code) is mine and intake.observation_by_code(code.lower()) is mine
    last = "0" if code[-1] != "0" else "1"
    for typed, reason in (
        ("", "malformed"),
        (code[:-1], "malformed"),
        (code[:-1] + last, "check"),
        (nobodys, "unknown"),
    ):
        with pytest.raises(Invalid) as refused:
            intake.observation_by_code(typed)
        assert (refused.value.field, refused.value.reason) == ("code", reason)
