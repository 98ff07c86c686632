"""What moves a case's deadline: what makes it more pressing, and being asked to look again. Never how many wrote."""

from datetime import timedelta

from cohab_report.catalogue import deadlines
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Priority
from cohab_report.intake import operations as intake
from cohab_report.triage import operations as triage
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)


def test_what_turns_out_to_be_more_pressing_is_due_as_early_as_that_asks_for(session, cast):
    case = factories.case("DECHET-1")
    triage.recode(case, catalogue.category_or_refuse("DECHET-2"), reason="C’est une seringue.", by=cast.ana, at=LATER)
    assert (case.priority, case.due_at) == (Priority.P1, deadlines.due_at(Priority.P1, LATER))


def test_what_turns_out_to_be_less_pressing_keeps_its_deadline(session, cast):
    case = factories.case("DECHET-2")
    due = case.due_at
    unease = catalogue.category_or_refuse("LIEU-2")
    triage.recode(case, unease, reason="Un malaise, pas une seringue.", is_confirmed=True, by=cast.ana, at=LATER)
    assert (case.priority, case.due_at) == (Priority.P1, due)


def test_a_pressing_case_that_is_merged_takes_its_deadline_along(session, cast):
    pressing, calm = factories.case("DECHET-2"), factories.case("DECHET-3")
    due = pressing.due_at
    triage.merge(pressing, into=calm, by=cast.ana, at=LATER)
    assert (calm.priority, calm.due_at) == (Priority.P1, due)


def test_what_a_resident_asks_to_look_at_again_is_not_late_from_its_first_day(session, cast):
    case = factories.accepted_case(cast.ana)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    session.flush()
    asked_at = LATER + timedelta(days=29)
    intake.request_reopening(case.observations[0], at=asked_at)
    assert case.due_at == deadlines.due_at(case.priority, asked_at)
    assert not case.is_overdue_at(asked_at)
