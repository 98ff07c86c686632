"""Deadlines by the targets of the city profile, and the targets that residents read."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Priority
from cohab_report.territory import queries as territory
from tests.page import Page

TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
"""Ten o'clock in the test city: its team is there from 9 h to 12 h and from 14 h to 17 h, on Fridays in the morning."""


def test_each_priority_is_due_by_the_target_of_the_citys_profile(session: Session) -> None:
    due = {priority.name: deadlines.due_at(priority, TUESDAY) for priority in Priority}
    assert territory.city_facts().about["deadlines"] == {"P1": "2 h", "P2": "1 d", "P3": "4 d", "P4": "15 d", "P5": ""}
    assert due == {
        "P1": TUESDAY + timedelta(hours=2),
        "P2": datetime(2026, 11, 18, 16, 0, tzinfo=UTC),
        "P3": datetime(2026, 11, 23, 16, 0, tzinfo=UTC),
        "P4": datetime(2026, 12, 8, 16, 0, tzinfo=UTC),
        "P5": None,
    }


def test_a_partners_own_hours_count_where_they_are_given(session: Session) -> None:
    assert deadlines.due_at(Priority.P1, TUESDAY, hours_text="tue 11:00-11:30;wed 08:00-20:00") == datetime(
        2026, 11, 18, 8, 30, tzinfo=UTC
    )
    assert deadlines.due_at(Priority.P1, TUESDAY, hours_text="") is None


def test_residents_read_the_targets_that_are_counted(page: Page) -> None:
    targets = [
        [cell.text_content() for cell in row] for row in page.get("resident.decisions").xpath("//table//tbody/tr")
    ]
    assert [[cell.strip() for cell in row] for row in targets] == [
        ["P1, la plus pressante", "2 heures d’ouverture"],
        ["P2, pressante", "1 jour ouvrable"],
        ["P3, courante", "4 jours ouvrables"],
        ["P4, peut attendre", "15 jours ouvrables"],
        ["P5, mercis et idées", "Aucune promesse"],
    ]
