"""A summer at the quay: who wrote what, in which month, and what became of it, counted by hand beside."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from cohab_report.geo import Point
from cohab_report.insight import operations
from cohab_report.insight.publishing import operations as publishing
from cohab_report.intake import operations as intake
from cohab_report.triage import operations as triage
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.cast import Cast

JULY, AUGUST, SEPTEMBER = (datetime(2026, month, 10, 15, 0, tzinfo=UTC) for month in (7, 8, 9))
OCTOBER = datetime(2026, 10, 2, 15, 0, tzinfo=UTC)
SOUTH = Point(-1.2512, 47.1253)
COUNTED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def summer(session: Session, cast: Cast) -> Cast:
    """July to September 2026: 51 observations that count, two of them concerns, and noise around them that does not."""
    for _number in range(14):
        factories.observation("DECHET-1", at=JULY)
    for _number in range(7):
        factories.observation("LIEU-1", at=AUGUST)
    for _number in range(12):
        factories.observation("BIEN-1", at=AUGUST, point=SOUTH)
    for _number in range(2):
        factories.observation("SOUCI", at=SEPTEMBER, point=SOUTH)
    for _number in range(2):
        factories.observation("DECHET-2", at=JULY, point=SOUTH)
    linked = [factories.accepted_case(cast.ana, "DECHET-3", at=SEPTEMBER) for _number in range(6)]
    for case in linked[:5]:
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=SEPTEMBER)
    apart = [factories.case("DECHET-1", at=SEPTEMBER) for _number in range(3)]
    for case in apart:
        triage.accept(case, by=cast.ana, at=SEPTEMBER)
        triage.mark_out_of_plan(case, by=cast.ana, at=SEPTEMBER)
    triage.merge(apart[1], into=apart[0], by=cast.ana, at=SEPTEMBER)
    noise()
    operations.recount_months(at=COUNTED)
    session.commit()
    publishing.publish_quarters(at=COUNTED)
    return cast


def noise() -> None:
    """What must not be counted in the summer: another quarter, a withdrawn one, a flood that waits in quarantine."""
    factories.observation("DECHET-1", at=OCTOBER)
    factories.observation("DECHET-1", at=datetime(2026, 6, 30, 22, 30, tzinfo=UTC).replace(hour=20))
    intake.withdraw(factories.observation("DECHET-1", at=JULY), at=JULY)
    for _number in range(9):
        factories.observation("LIEU-1", at=SEPTEMBER, network="the same network")
