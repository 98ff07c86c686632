"""The page of one handover as its partner sees it: what may be read, what may be done, and what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import render_template
from flask_babel import LazyString

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import today
from cohab_report.intake.photos import queries as photos
from cohab_report.intake.photos.models import Photo, PhotoState
from cohab_report.routing import seeing
from cohab_report.routing.forms import (
    ACT_NO_LONGER_POSSIBLE,
    HANDOVER_STATE_CAPTIONS,
    FinishForm,
    PartnerActForm,
    ReasonForm,
    VisitForm,
)
from cohab_report.routing.models import HOLDING_STATES, Handover, HandoverState
from cohab_report.triage.captions import CLOSING_REASON_CAPTIONS
from cohab_report.web import context
from cohab_report.web.typed_text import typed_fields

PARTNER_ACT_FORMS: Mapping[str, type[PartnerActForm]] = {
    "accept": PartnerActForm,
    "decline": ReasonForm,
    "start": PartnerActForm,
    "finish": FinishForm,
    "give_back": ReasonForm,
    "record_visit": VisitForm,
}


@dataclass
class ActRefusal:
    """Why an act was not performed, in words, and what had been typed for it."""

    words: LazyString
    typed_text: dict[str, str] = field(default_factory=typed_fields)


def render_handover(
    handover: Handover, sent_forms: Mapping[str, PartnerActForm] | None = None, refusal: ActRefusal | None = None
) -> str:
    """Returns the page of a handover; forms that were sent come back as they were typed, with the refusal on top."""
    sent_forms, may = sent_forms or {}, _possible_acts(handover)
    if refusal is None and any(not may[name] for name in sent_forms):
        refusal = ActRefusal(ACT_NO_LONGER_POSSIBLE)
    forms = {
        name: sent_forms.get(name) or form_type(None, prefix=name) for name, form_type in PARTNER_ACT_FORMS.items()
    }
    return render_template(
        "partner/handover.html",
        handover=handover,
        visible_case=seeing.case_in_handover(handover),
        forms=forms,
        refused_form=next(iter(sent_forms.values()), None),
        refusal=refusal,
        handover_state_captions=HANDOVER_STATE_CAPTIONS,
        outcome_captions=CLOSING_REASON_CAPTIONS,
        may=may,
        today=today(context.city_time_zone()),
        photos=visible_photos(handover),
        response_by_outcome=catalogue.responses_to(handover.case.category.code, handover.case.kind)
        if may["finish"]
        else {},
    )


def visible_photos(handover: Handover) -> Sequence[Photo]:
    """Returns the approved photos that the partner may see now."""
    return (
        photos.photos_of(handover.case.observations, PhotoState.APPROVED)
        if seeing.case_in_handover(handover).shows_photos
        else []
    )


def _possible_acts(handover: Handover) -> dict[str, bool]:
    may_record_visit = (
        handover.state in HOLDING_STATES and handover.case.works_are_locked and handover.partner.does_outreach
    )
    return {
        "accept": handover.may_move_to(HandoverState.ACCEPTED),
        "decline": handover.may_move_to(HandoverState.DECLINED),
        "start": handover.may_move_to(HandoverState.IN_PROGRESS),
        "finish": handover.may_move_to(HandoverState.DONE),
        "give_back": handover.state in HOLDING_STATES,
        "record_visit": may_record_visit,
    }
