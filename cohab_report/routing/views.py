"""The partners' pages: what waits for them, one case at a time, and what they do with it.

A partner reads only what `rules.seen_in` lets out; nothing here decides who may see what.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import Response as FlaskResponse
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now, today
from cohab_report.db import transaction
from cohab_report.errors import Invalid, MoveRefused, NotThere, NotYours, Stale
from cohab_report.intake.photos import queries as photos
from cohab_report.intake.photos.models import Photo, PhotoState
from cohab_report.partners.models import Partner, Person, Role
from cohab_report.partners.views import current_person
from cohab_report.routing import operations, queries, rules
from cohab_report.routing.forms import NO_LONGER, STALE, STATES, WHY_NOT, ActForm, FinishForm, ReasonForm, VisitForm
from cohab_report.routing.models import HOLDING, Handover, HandoverState
from cohab_report.triage.captions import REASONS
from cohab_report.web import context, pictures
from cohab_report.web.access import needs
from cohab_report.web.errors import kept

bp = Blueprint("partner", __name__)
Answer = Response | str | tuple[str, int]
ADDRESS = "/partenaire/transmissions/<int(max=9007199254740991):number>"
FORMS: Mapping[str, type[ActForm]] = {
    "accept": ActForm, "decline": ReasonForm, "start": ActForm, "finish": FinishForm, "give_back": ReasonForm, "record_visit": VisitForm,
}  # fmt: skip


@dataclass
class Trouble:
    """Why an act did not happen, in words, and what had been typed for it."""

    words: LazyString
    typed: dict[str, str] = field(default_factory=kept)


@bp.get("/partenaire")
@needs(Role.PARTNER)
def inbox() -> str:
    """What waits for an answer, what is in hand, and what ended lately."""
    partner = _partner_of(current_person())
    standing, ended = queries.inbox(partner), queries.ended_lately(partner)
    return render_template(
        "partner/inbox.html", partner=partner, states=STATES, place_in=rules.place_in, ended=ended,
        offers=[each for each in standing if each.state is HandoverState.OFFERED],
        in_hand=[each for each in standing if each.state in HOLDING],
    )  # fmt: skip


@bp.get(ADDRESS)
@needs(Role.PARTNER)
def handover(number: int) -> str:
    """One case entrusted to the partner, and what may be done with it."""
    return _page(queries.handover_or_refuse(number, current_person().partner))


@bp.get(f"{ADDRESS}/photos/<photo>/<size>")
@needs(Role.PARTNER)
def photo(number: int, photo: str, size: str) -> FlaskResponse:
    """A photo that triage kept, of a case that the partner holds."""
    found = next((one for one in _photos(_theirs(number)) if one.reference == photo), None)
    if found is None:
        raise NotThere
    return pictures.shown(found.file_of(size))


@bp.post(f"{ADDRESS}/accepter")
@needs(Role.PARTNER)
def accept(number: int) -> Answer:
    """The partner takes the case."""
    form = ActForm(prefix="accept")
    return _act(
        number,
        "accept",
        form,
        lambda it, by: operations.accept(it, by=by, at=now()),
        _("Vous avez accepté %(reference)s."),
    )


@bp.post(f"{ADDRESS}/refuser")
@needs(Role.PARTNER)
def decline(number: int) -> Answer:
    """The partner does not take the case, and says why."""
    form = ReasonForm(prefix="decline")
    told = _("Vous avez refusé %(reference)s. L’équipe de tri cherche un autre partenaire.")
    return _act(
        number,
        "decline",
        form,
        lambda it, by: operations.decline(it, reason=form.answer.data or "", by=by, at=now()),
        told,
    )


@bp.post(f"{ADDRESS}/commencer")
@needs(Role.PARTNER)
def start(number: int) -> Answer:
    """The partner is at work."""
    form = ActForm(prefix="start")
    return _act(
        number, "start", form, lambda it, by: operations.start(it, by=by, at=now()), _("%(reference)s est en cours.")
    )


@bp.post(f"{ADDRESS}/terminer")
@needs(Role.PARTNER)
def finish(number: int) -> Answer:
    """The partner is done, with an outcome."""
    form = FinishForm(prefix="finish")
    told = _("Merci : %(reference)s est terminé de votre côté.")
    return _act(
        number,
        "finish",
        form,
        lambda it, by: operations.finish(it, form.reason, words=form.answer.data or "", by=by, at=now()),
        told,
    )


@bp.post(f"{ADDRESS}/rendre")
@needs(Role.PARTNER)
def give_back(number: int) -> Answer:
    """The partner can't go on, and says why."""
    form = ReasonForm(prefix="give_back")
    told = _("%(reference)s est de nouveau à l’équipe de tri.")
    return _act(
        number,
        "give_back",
        form,
        lambda it, by: operations.give_back(it, reason=form.answer.data or "", by=by, at=now()),
        told,
    )


@bp.post(f"{ADDRESS}/occupation")
@needs(Role.PARTNER)
def record_visit(number: int) -> Answer:
    """Outreach has looked at a place where somebody may live."""
    form = VisitForm(prefix="record_visit")

    def record(it: Handover, by: Person) -> None:
        operations.record_visit(
            it, in_use=form.seen.data == "in_use", on=form.day, note=form.note.data or "", by=by, at=now()
        )

    return _act(number, "record_visit", form, record, _("La visite est notée au dossier %(reference)s."))


def _act(number: int, name: str, form: ActForm, do: Callable[[Handover, Person], None], told: LazyString) -> Answer:
    """What the act's form asks for is done and the page comes back; refused, the page says why and keeps what was typed."""
    if not form.validate_on_submit():
        return _page(_theirs(number), {name: form}), 422
    try:
        with transaction():
            mine, by = _theirs(number), current_person()
            operations.expect(mine, form.read_version)
            do(mine, by)
            reference = mine.case.reference
    except Invalid as error:
        form.refuse(error)
        return _page(_theirs(number), {name: form}), 422
    except Stale:
        return _page(_theirs(number), {name: form}, Trouble(STALE)), 409
    except MoveRefused as error:
        return _page(_theirs(number), {name: form}, Trouble(WHY_NOT.get(error.why, NO_LONGER))), 409
    flash(str(told) % {"reference": reference}, "done")
    return redirect(url_for("partner.handover", number=number), 303)


def _theirs(number: int) -> Handover:
    return queries.handover_or_refuse(number, current_person().partner)


def _photos(mine: Handover) -> Sequence[Photo]:
    return photos.of(mine.case.observations, PhotoState.APPROVED) if rules.seen_in(mine).photos else []


def _partner_of(person: Person) -> Partner:
    if person.partner is None:
        raise NotYours
    return person.partner


def _page(mine: Handover, filled: Mapping[str, ActForm] | None = None, trouble: Trouble | None = None) -> str:
    filled, may = filled or {}, _may(mine)
    if trouble is None and any(not may[name] for name in filled):
        trouble = Trouble(NO_LONGER)
    forms = {name: filled.get(name) or kind(None, prefix=name) for name, kind in FORMS.items()}
    visit = forms["record_visit"]
    if isinstance(visit, VisitForm) and "record_visit" not in filled:
        visit.on.data = today(context.zone())
    return render_template(
        "partner/handover.html", handover=mine, seen=rules.seen_in(mine), forms=forms, wrong=next(iter(filled.values()), None),
        trouble=trouble, states=STATES, outcomes=REASONS, may=may, today=today(context.zone()), photos=_photos(mine),
        answers=catalogue.responses_to(mine.case.category.code, mine.case.kind) if may["finish"] else {},
    )  # fmt: skip


def _may(mine: Handover) -> dict[str, bool]:
    looks = mine.state in HOLDING and mine.case.works_are_locked and mine.partner.does_outreach
    return {
        "accept": mine.may_move_to(HandoverState.ACCEPTED), "decline": mine.may_move_to(HandoverState.DECLINED),
        "start": mine.may_move_to(HandoverState.IN_PROGRESS), "finish": mine.may_move_to(HandoverState.DONE),
        "give_back": mine.state in HOLDING, "record_visit": looks,
    }  # fmt: skip
