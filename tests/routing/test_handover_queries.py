"""What a query of handovers reads at once: all that its page shows, so that no row asks the database again."""

from collections.abc import Callable

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from cohab_report.errors import NotFound
from cohab_report.intake import operations as intake
from cohab_report.partners.models import HiddenPoint, Partner
from cohab_report.routing import operations as routing
from cohab_report.routing import queries, seeing
from cohab_report.routing.models import Handover, LegalGround
from tests import factories
from tests.cast import Cast

AT = factories.MONDAY
CASE_OF_A_ROW = ("category", "sector", "place", "observations")


def partner(session: Session, code: str) -> Partner:
    return session.scalars(select(Partner).where(Partner.code == code)).one()


def missing(row: object, *parts: str) -> set[str]:
    """Those of the row's parts that were not read with it."""
    return {part for part in parts if part in inspect(row).unloaded}


@pytest.fixture
def transferred(session: Session, cast: Cast) -> Handover:
    """A case at a named place, in the hands of the police."""
    case = factories.accepted_case(cast.ana, "LIEU-1", place="halle")
    ground = queries.legal_ground_or_refuse("DELIT")
    reason = "Des lampes ont été arrachées devant témoin, et une plainte est demandée."
    handover = routing.transfer_to_police(
        case, partner(session, "GARDE"), ground=ground, reason=reason, by=cast.ana, at=AT
    )
    session.commit()
    return handover


READINGS: dict[str, Callable[[Handover], Handover | None]] = {
    "standing_handover": lambda handover: queries.standing_handover(handover.case),
    "handovers_of": lambda handover: queries.handovers_of(handover.case)[0],
}


@pytest.mark.parametrize("reading", READINGS)
def test_a_handover_of_a_case_is_read_with_its_partner_and_its_ground_in_law(
    session: Session, transferred: Handover, reading: str
) -> None:
    assert transferred.case.id
    session.expunge(transferred)
    found = READINGS[reading](transferred)
    assert found is not None and missing(found, "partner", "legal_ground") == set()


@pytest.mark.parametrize("has_ended", [False, True])
def test_a_row_of_the_inbox_is_read_with_its_case_and_what_is_shown_of_it(
    session: Session, cast: Cast, has_ended: bool
) -> None:
    case = factories.accepted_case(cast.ana, place="halle")
    handover = routing.hand_over(case, partner(session, "VOIRIE"), by=cast.ana, at=AT)
    if has_ended:
        routing.decline_handover(handover, reason="Non", by=cast.lin, at=AT)
    session.commit()
    voirie = partner(session, "VOIRIE")
    session.expunge_all()
    (found,) = queries.ended_handovers(voirie) if has_ended else queries.standing_handovers(voirie)
    assert missing(found, "case", "partner") | missing(found.case, *CASE_OF_A_ROW) == set()


def test_the_page_of_a_handover_is_read_with_all_that_it_shows(session: Session, transferred: Handover) -> None:
    number, garde, voirie = transferred.id, partner(session, "GARDE"), partner(session, "VOIRIE")
    session.expunge_all()
    found = queries.handover_or_refuse(number, garde)
    assert missing(found, "case", "partner", "offered_by", "legal_ground") == set()
    assert missing(found.case, *CASE_OF_A_ROW, "queue", "links") == set()
    assert missing(found.case.category, "questions") | missing(found.case.observations[0], "point") == set()
    assert found.legal_ground is not None and missing(found.legal_ground, "source") == set()
    for nobody in (None, voirie):
        with pytest.raises(NotFound):
            queries.handover_or_refuse(number, nobody)
    with pytest.raises(NotFound):
        queries.handover_or_refuse(number + 1, garde)


def test_the_latest_cases_are_read_with_what_rules_look_at(session: Session) -> None:
    factories.case(place="halle")
    session.commit()
    session.expunge_all()
    (found,) = queries.latest_cases(5)
    assert missing(found, "category", "queue", "place", "sector", "links") == set()


def test_grounds_in_law_are_those_in_use_in_the_citys_order(session: Session) -> None:
    first, second = session.scalars(select(LegalGround).order_by(LegalGround.position))
    first.position = 9
    session.flush()
    assert [ground.code for ground in queries.legal_grounds()] == ["DELIT", "DANGER"]
    assert queries.legal_ground_or_refuse("DELIT") is second
    second.is_retired = True
    session.flush()
    assert [ground.code for ground in queries.legal_grounds()] == ["DANGER"]
    for code in ("DELIT", "AUTRE"):
        with pytest.raises(NotFound):
            queries.legal_ground_or_refuse(code)


def test_the_police_are_partners_of_transfers_alone_in_use_by_name(session: Session) -> None:
    police = partner(session, "GARDE")
    assert queries.police_partners() == [police]
    another = partner(session, "VOIRIE")
    for name, in_order in (("AAA", [another, police]), ("ZZZ", [police, another])):
        another.is_transfer_only, another.name_fr = True, name
        session.flush()
        assert queries.police_partners() == in_order
    police.is_retired = True
    session.flush()
    assert queries.police_partners() == [another]


# --- What a partner reads of a case ---


def test_all_that_a_partner_reads_of_a_case_is_the_cases_own(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, "DECHET-1", place="halle", answers={"verre": "yes"})
    read = seeing.case_for_partner(partner(session, "VOIRIE"), case)
    assert case.place is not None
    assert (read.reference, read.category, read.kind, read.sector, read.place) == (
        case.reference,
        case.category.name,
        "cleanliness",
        case.sector.name,
        case.place.name,
    )
    assert (read.point, read.location_precision, read.shows_photos) == (factories.BANK, HiddenPoint.EXACT, True)
    assert (read.observation_count, read.works_are_locked, read.is_never_public) == (1, False, False)


def test_of_a_case_whose_observation_was_taken_back_no_point_is_read(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    intake.withdraw(case.observations[0], at=AT)
    assert seeing.case_for_partner(partner(session, "VOIRIE"), case).point is None
