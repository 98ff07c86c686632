"""The page of one case: gathers all that it shows, and leaves room for panels of packages downstream.

It changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now, today
from cohab_report.db import Words
from cohab_report.intake.captions import SATISFACTION_CAPTIONS
from cohab_report.intake.events import ObservationRated
from cohab_report.intake.inquiries import queries as inquiries
from cohab_report.intake.photos import queries as photos
from cohab_report.partners import queries as partners
from cohab_report.triage import queries, rules
from cohab_report.triage.captions import CLOSING_REASON_CAPTIONS
from cohab_report.triage.events import CaseClosed, CaseJoined, CaseRecoded, EndsWithOutcome
from cohab_report.triage.forms import (
    CloseForm,
    LinkForm,
    MergeForm,
    OccupancyForm,
    RecodeForm,
    ReopenForm,
    TriageActForm,
)
from cohab_report.triage.models import Case, ClosingReason
from cohab_report.triage.waiting.queries import next_case
from cohab_report.web import context
from cohab_report.web.event_captions import event_caption

ONE_TAP_REASONS = (
    ClosingReason.DONE,
    ClosingReason.NOTHING_FOUND,
    ClosingReason.ALREADY_FOLLOWED,
    ClosingReason.HELP_OFFERED,
)
"""Closing reasons that the case's page offers as buttons of their own."""
CASE_PANELS_EXTENSION = "triage.panels"
CasePanel = Callable[[Case], Markup]


@dataclass(frozen=True)
class HistoryEntry:
    """One event of a case's history in words, as the template's timeline shows it."""

    at: datetime
    name: str
    text: str
    by: str
    detail: str


def add_case_panel(app: Flask, panel: CasePanel) -> None:
    """Adds a panel to every case's page, among its acts: what `panel` returns for the case."""
    app.extensions.setdefault(CASE_PANELS_EXTENSION, []).append(panel)


def render_case(
    case: Case, forms: dict[str, TriageActForm] | None = None, panels: Mapping[CasePanel, Markup] | None = None
) -> str:
    """Returns the HTML of a case's page.

    `forms` and `panels` that were sent and refused take the place of empty ones, so that what was typed in them stays.
    """
    at = now()
    sent_panels = panels or {}
    point = next((one.exact_point for one in case.observations if one.exact_point), None)
    return render_template(
        "triage/case.html",
        case=case,
        point=point,
        history=_case_history(case),
        nearby_cases=queries.nearby_cases(case, point, at=at) if point else [],
        photos=photos.photos_of(case.observations),
        cases_at_same_place=queries.cases_at_same_place(case, at=at),
        next_case=next_case(case.queue, case),
        counted_as_sent=rules.categories_counted_as_sent(case),
        forms=forms or forms_of(case),
        panels=[sent_panels.get(panel) or panel(case) for panel in current_app.extensions[CASE_PANELS_EXTENSION]],
        responses_by_outcome=_responses_by_outcome(case) if case.is_with_triage else {},
        inquiries=inquiries.inquiries_of([one.id for one in case.observations]),
        one_tap_reasons=ONE_TAP_REASONS,
        at=at,
        today=today(context.city_time_zone()),
    )


def forms_of(case: Case) -> dict[str, TriageActForm]:
    """Returns the empty forms of a case's page by name, with the choices that this case allows."""
    recode, link = RecodeForm(prefix="recode"), LinkForm(prefix="link")
    recode.offer(rules.recoding_choices(case, catalogue.categories()))
    link.offer(queries.linkable_actions(case))
    return {
        "recode": recode,
        "link": link,
        "occupancy": OccupancyForm(prefix="occupancy"),
        "merge": MergeForm(prefix="merge"),
        "close": CloseForm(prefix="close"),
        "reopen": ReopenForm(prefix="reopen"),
    }


def _responses_by_outcome(case: Case) -> dict[str, list[Words]]:
    """Returns, for each closing reason, the responses that the case's residents would read.

    Each resident reads the words for the category they sent, whatever the team made of it since.
    """
    sent_categories = {one.category_id: one.category for one in case.observations} or {case.category_id: case.category}
    responses: dict[str, list[Words]] = {}
    for category in sent_categories.values():
        for outcome, words in catalogue.responses_to(category.code, category.kind).items():
            responses.setdefault(outcome, []).extend([words] if words not in responses.get(outcome, []) else [])
    return responses


def _case_history(case: Case) -> list[HistoryEntry]:
    events = journal.history(*{case.reference, *(one.reference for one in case.observations)})
    people = partners.person_names(event.actor for event in events)
    organisations = partners.partner_names(event.facts["partner"] for event in events if "partner" in event.facts)
    actions = {link.action_id: link.action.code for link in case.links}
    others = {journal.RESIDENT.journal_name: _("résident"), journal.SYSTEM.journal_name: _("système")}

    def detail(event: journal.Event) -> str:
        facts = event.facts
        parts = [
            actions.get(facts.get("action", 0)),
            organisations.get(facts.get("partner", 0)),
            facts.get("into"),
            _event_detail(event),
        ]
        return " · ".join(str(part) for part in parts if part)

    return [
        HistoryEntry(
            event.happened_at,
            event.name,
            event_caption(event.name),
            people.get(event.actor, others.get(event.actor, "")),
            detail(event),
        )
        for event in events
    ]


def _event_detail(event: journal.Event) -> Any:
    """Returns what only events of this class say: an outcome, two categories, another case, an answer."""
    declared, facts = journal.event_class(event.name), event.facts
    if issubclass(declared, CaseRecoded):
        recoded = f"{facts['from']} → {facts['to']}"
        return f"{recoded} · {_('finalité changée')}" if facts.get("across") else recoded
    if issubclass(declared, CaseClosed):
        return CLOSING_REASON_CAPTIONS[ClosingReason(facts["reason"])]
    if issubclass(declared, EndsWithOutcome):
        return CLOSING_REASON_CAPTIONS[ClosingReason(facts["outcome"])]
    if issubclass(declared, CaseJoined):
        return facts["from"]
    if issubclass(declared, ObservationRated):
        return SATISFACTION_CAPTIONS[facts["answer"]]
    return None
