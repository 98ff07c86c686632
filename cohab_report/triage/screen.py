"""One case on one screen: gathers all that its page shows, and leaves room for what packages downstream add. It changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import Words
from cohab_report.intake.inquiries import queries as inquiries
from cohab_report.intake.photos import queries as photos
from cohab_report.partners import queries as partners
from cohab_report.triage import captions, queries, rules
from cohab_report.triage.forms import ActForm, CloseForm, LinkForm, MergeForm, OccupancyForm, RecodeForm
from cohab_report.triage.models import Case, ClosingReason
from cohab_report.triage.waiting.queries import next_in

PANELS = "triage.panels"
Panel = Callable[[Case], Markup]


@dataclass(frozen=True)
class Told:
    """One event of a case's history, ready to be read."""

    at: datetime
    name: str
    text: str
    by: str
    detail: str


def add_panel(app: Flask, draw: Panel) -> None:
    """From now on every case shows what `draw` makes of it among its acts."""
    app.extensions.setdefault(PANELS, []).append(draw)


def drawn(found: Case, forms: dict[str, ActForm] | None = None, panels: Mapping[Panel, Markup] | None = None) -> str:
    """The page of this case; `forms` and `panels` that were sent and refused come back as they are given, with what was typed in them."""
    at = now()
    given = panels or {}
    point = next((one.exact_point for one in found.observations if one.exact_point), None)
    return render_template(
        "triage/case.html",
        case=found,
        point=point,
        story=_story(found),
        nearby=queries.nearby(found, point, at=at) if point else [],
        photos=photos.of(found.observations),
        same_place=queries.same_place(found, at=at),
        following=next_in(found.queue, found),
        forms=forms or forms_of(found),
        panels=[given.get(draw) or draw(found) for draw in current_app.extensions[PANELS]],
        answers=_answers(found) if found.is_with_triage else {},
        inquiries=inquiries.of([one.id for one in found.observations]),
        captions=captions,
        at=at,
    )


def forms_of(found: Case) -> dict[str, ActForm]:
    """The forms that a case's page holds, by name, with the choices that this case leaves."""
    recode, link = RecodeForm(prefix="recode"), LinkForm(prefix="link")
    recode.offer(rules.recodings(found.category, catalogue.categories()))
    link.offer(queries.linkable_actions(found))
    return {
        "recode": recode,
        "link": link,
        "occupancy": OccupancyForm(prefix="occupancy"),
        "merge": MergeForm(prefix="merge"),
        "close": CloseForm(prefix="close"),
    }


def _answers(found: Case) -> dict[str, list[Words]]:
    """What its residents would read for each outcome; each reads the words of what they sent, whatever the team made of it since."""
    sent = {one.category_id: one.category for one in found.observations} or {found.category_id: found.category}
    told: dict[str, list[Words]] = {}
    for category in sent.values():
        for outcome, words in catalogue.responses_to(category.code, category.kind).items():
            told.setdefault(outcome, []).extend([words] if words not in told.get(outcome, []) else [])
    return told


def _story(found: Case) -> list[Told]:
    events = journal.history(*{found.reference, *(one.reference for one in found.observations)})
    people = partners.names_of(event.actor for event in events)
    organisations = partners.partner_names(event.facts["partner"] for event in events if "partner" in event.facts)
    actions = {link.action_id: link.action.code for link in found.links}
    others = {journal.RESIDENT.journal_name: _("résident"), journal.SYSTEM.journal_name: _("système")}

    def detail(event: journal.Event) -> str:
        facts = event.facts
        parts = [
            actions.get(facts.get("action", 0)),
            organisations.get(facts.get("partner", 0)),
            facts.get("into"),
            _own_detail(event),
        ]
        return " · ".join(str(part) for part in parts if part)

    return [
        Told(
            event.happened_at,
            event.name,
            str(captions.EVENTS.get(event.name, event.name)),
            people.get(event.actor, others.get(event.actor, "")),
            detail(event),
        )
        for event in events
    ]


def _own_detail(event: journal.Event) -> Any:
    """What only events of this name say: an outcome, two categories, another case, an answer."""
    facts = event.facts
    match event.name:
        case "case.recoded":
            return f"{facts['from']} → {facts['to']}"
        case "case.closed":
            return captions.REASONS[ClosingReason(facts["reason"])]
        case "handover.done":
            return captions.REASONS[ClosingReason(facts["outcome"])]
        case "case.joined":
            return facts["from"]
        case "observation.rated":
            return captions.SATISFACTIONS[facts["answer"]]
    return None
