"""What a page offers is done once, however often the page that was loaded is sent: for every form of a case's page."""

from collections.abc import Callable

import pytest
from lxml.html import HtmlElement
from sqlalchemy import func, select

from cohab_report.clock import now
from cohab_report.intake.models import Belongings
from cohab_report.journal import Event
from cohab_report.partners import queries as partners
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.page import form_values


def accepted(cast) -> Case:
    return factories.accepted_case(cast.ana, at=now())


def handed_over(cast) -> Case:
    case = accepted(cast)
    routing.hand_over(case, partners.partner_or_refuse("VOIRIE"), by=cast.ana, at=now())
    return case


def closed(cast) -> Case:
    case = accepted(cast)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=now())
    return case


CASES: dict[str, Callable[..., Case]] = {
    "new": lambda cast: factories.case(at=now()),
    "to check": lambda cast: factories.case(at=now(), belongings=Belongings.YES),
    "accepted": accepted,
    "handed over": handed_over,
    "closed": closed,
}


def filled_in(form: HtmlElement, case: Case, other: Case) -> dict[str, str]:
    """Returns what somebody would send of the form: its values, its empty fields filled, its first button pressed."""
    values = form_values(form)
    known = {
        "merge-into": other.reference,
        "occupancy-on": str(case.occupancy_doubted_on),
        "recode-category": "DECHET-3",
    }
    for field in form.xpath(".//textarea | .//input[@type='text' or @type='date' or @type='checkbox']"):
        values[field.get("name")] = known.get(field.get("name"), "Une phrase assez longue pour cela.")
    for radio in form.xpath(".//input[@type='radio']"):
        values.setdefault(radio.get("name"), radio.get("value"))
    for select_box in form.xpath(".//select"):
        first = next(value for value in select_box.value_options if value)
        values[select_box.get("name")] = known.get(select_box.get("name"), first)
    for button in form.xpath(".//button[@name]")[:1]:
        values[button.get("name")] = button.get("value")
    return values


def acts(session) -> int:
    """Returns how many acts of people on cases the journal holds."""
    query = select(func.count()).select_from(Event).where(Event.actor.startswith("person:"))
    return int(session.scalar(query))


@pytest.mark.parametrize("state", list(CASES))
def test_each_form_of_a_case_s_page_that_is_sent_twice_acts_once(page, cast, session, state):
    sent_actions = set()
    while True:
        case, other = CASES[state](cast), factories.case(at=now())
        session.commit()
        shown = page.get("triage.case", reference=case.reference, as_=cast.ana)
        forms = [form for form in shown.forms if f"/dossiers/{case.reference}" in (form.action or "")]
        form = next((each for each in forms if each.action.split(case.reference)[1] not in sent_actions), None)
        if form is None:
            break
        sent_actions.add(form.action.split(case.reference)[1])
        values, before = filled_in(form, case, other), acts(session)
        first = page.post(form.action, values, as_=cast.ana)
        after = acts(session)
        assert first.status_code != 303 or after > before, form.action
        page.client.post(form.action, data=values)
        assert acts(session) == after, f"{form.action} acted twice"
    assert len(sent_actions) >= {"closed": 1, "handed over": 2}.get(state, 5), sent_actions
