"""The cube says what the rows say, on both databases, whoever asks how often."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.catalogue.models import Kind
from cohab_report.insight import operations, queries
from cohab_report.insight.models import ActionTally, Tally
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.quarters import Quarter
from cohab_report.intake.operations import FLOOD
from tests import factories
from tests.cast import Cast
from tests.insight.conftest import COUNTED, OCTOBER

SUMMER = Quarter(2026, 3)


def counted() -> Counter[str]:
    """Observations of the summer by kind."""
    counts: Counter[str] = Counter()
    for cell in queries.counted(SUMMER.first_day, SUMMER.next.first_day):
        counts[cell.kind.value] += cell.observations
    return counts


def test_recount_counts_each_kind_and_none_of_the_noise(summer: Cast) -> None:
    assert counted() == {"cleanliness": 14 + 2 + 6 + 3, "safety": 7 + FLOOD, "positive": 12, "concern": 2}


def test_recount_counts_a_case_once_and_each_of_its_observations(summer: Cast) -> None:
    apart = [cell for cell in queries.counted(SUMMER.first_day, SUMMER.next.first_day) if cell.is_out_of_plan]
    assert [(cell.month, cell.observations, cell.cases) for cell in apart] == [(date(2026, 9, 1), 3, 2)]


def test_recount_tells_how_cases_ended(summer: Cast) -> None:
    outcomes: Counter[str] = Counter()
    for cell in queries.counted(SUMMER.first_day, SUMMER.next.first_day):
        outcomes[cell.outcome] += cell.observations
    assert outcomes == {"done": 5, "open": sum(counted().values()) - 5}


def test_recount_counts_confirmed_links_only(summer: Cast, session: Session) -> None:
    (link,) = queries.counted_links(SUMMER)
    assert (link.kind.value, link.observations) == ("cleanliness", 6)


def test_recount_twice_changes_nothing(summer: Cast, session: Session) -> None:
    before = counted()
    assert operations.recount(at=COUNTED) == 3  # the quarters of June to November
    assert counted() == before
    assert len(session.scalars(select(ActionTally)).all()) == 1


def test_recount_touches_only_the_quarter_that_changed(summer: Cast, session: Session) -> None:
    later = COUNTED + timedelta(hours=1)
    before = set(session.scalars(select(Tally.id).where(Tally.month < date(2026, 10, 1))))
    factories.observation("DECHET-1", at=OCTOBER)
    operations.recount(at=later)
    assert queries.quarters_counted() == dict.fromkeys([Quarter(2026, 2), SUMMER, Quarter(2026, 4)], later)
    assert before == set(session.scalars(select(Tally.id).where(Tally.month < date(2026, 10, 1))))


def test_recount_forgets_months_of_which_nothing_is_left(summer: Cast, session: Session) -> None:
    session.add(
        Tally(
            month=date(2019, 1, 1), kind=Kind.SAFETY, category_id=published.categories()[0].id, sector_id=published.sectors()[0].id,
            outcome="open", is_out_of_plan=False, observations=3, cases=3, counted_at=COUNTED,
        )
    )  # fmt: skip
    operations.recount(at=COUNTED)
    assert Quarter(2019, 1) not in queries.quarters_counted()


def test_recount_of_nothing_leaves_nothing(session: Session) -> None:
    assert operations.recount(at=COUNTED) == 0
    assert session.scalars(select(Tally)).all() == []
    assert queries.quarters_counted() == {}
    assert publishing.publish(at=COUNTED) == 0


def test_months_are_those_of_the_city(summer: Cast) -> None:
    june = queries.counted(date(2026, 6, 1), date(2026, 7, 1))
    assert sum(cell.observations for cell in june) == 1
