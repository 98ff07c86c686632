"""The partners' pages: their handovers, one case at a time, and what they do with it.

A partner reads only what `seeing.case_in_handover` returns; nothing here decides who may see what.
"""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import Response as FlaskResponse
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, MoveRefused, NotAllowed, NotFound, Stale
from cohab_report.partners.models import Partner, Person, Role
from cohab_report.partners.views import current_person
from cohab_report.routing import operations, queries, seeing
from cohab_report.routing.forms import (
    ACT_NO_LONGER_POSSIBLE,
    HANDOVER_ACT_REFUSALS,
    HANDOVER_CHANGED,
    HANDOVER_STATE_CAPTIONS,
    FinishForm,
    PartnerActForm,
    ReasonForm,
    VisitForm,
)
from cohab_report.routing.handover_page import ActRefusal, render_handover, visible_photos
from cohab_report.routing.models import HOLDING_STATES, Handover, HandoverState
from cohab_report.web import pictures
from cohab_report.web.access import needs
from cohab_report.web.typed_text import gives_back

bp = Blueprint("partner", __name__)
PartnerResponse = Response | str | tuple[str, int]
HANDOVER_ADDRESS = '/partenaire/transmissions/<row("handover"):number>'


@bp.get("/partenaire")
@needs(Role.PARTNER)
def inbox() -> str:
    """Shows the partner's offers, the cases in its hands, and what ended lately."""
    partner = _partner_of(current_person())
    standing_handovers, ended_handovers = queries.standing_handovers(partner), queries.ended_handovers(partner)
    return render_template(
        "partner/inbox.html",
        partner=partner,
        handover_state_captions=HANDOVER_STATE_CAPTIONS,
        place_or_sector_name=seeing.place_or_sector_name,
        ended_handovers=ended_handovers,
        offers=[each for each in standing_handovers if each.state is HandoverState.OFFERED],
        held_handovers=[each for each in standing_handovers if each.state in HOLDING_STATES],
    )


@bp.get(HANDOVER_ADDRESS)
@needs(Role.PARTNER)
def handover(number: int) -> str:
    """Shows one case entrusted to the partner, and what may be done with it."""
    return render_handover(queries.handover_or_refuse(number, current_person().partner))


@bp.get("/partenaire/transmissions/<int(max=9007199254740991):number>")
@needs(Role.PARTNER)
def numbered_handover(number: int) -> Response:
    """Redirects an address of before, which stands in e-mails, to the page of that handover."""
    found = _handover_of_reader(number)
    if not found.has_numbered_address:
        raise NotFound
    return redirect(url_for("partner.handover", number=number), 303)


@bp.get(f"{HANDOVER_ADDRESS}/photos/<photo>/<size>")
@needs(Role.PARTNER)
def handover_photo(number: int, photo: str, size: str) -> FlaskResponse:
    """Sends the image of an approved photo, of a case that the partner holds."""
    photos_of_case = visible_photos(_handover_of_reader(number))
    found_photo = next((each for each in photos_of_case if each.reference == photo), None)
    if found_photo is None:
        raise NotFound
    return pictures.picture_response(found_photo.file_of(size))


@bp.post(f"{HANDOVER_ADDRESS}/accepter")
@needs(Role.PARTNER)
def accept_handover(number: int) -> PartnerResponse:
    """Accepts the handover."""
    form = PartnerActForm(prefix="accept")
    return _perform_act(
        number,
        "accept",
        form,
        lambda handover, by: operations.accept_handover(handover, by=by, at=now()),
        _("Vous avez accepté %(reference)s."),
    )


@bp.post(f"{HANDOVER_ADDRESS}/refuser")
@needs(Role.PARTNER)
@gives_back(ReasonForm, prefix="decline")
def decline_handover(number: int) -> PartnerResponse:
    """Declines the handover, for a reason."""
    form = ReasonForm(prefix="decline")
    message = _("Vous avez refusé %(reference)s. L’équipe de tri cherche un autre partenaire.")
    return _perform_act(
        number,
        "decline",
        form,
        lambda handover, by: operations.decline_handover(handover, reason=form.answer.data or "", by=by, at=now()),
        message,
    )


@bp.post(f"{HANDOVER_ADDRESS}/commencer")
@needs(Role.PARTNER)
def start_handover(number: int) -> PartnerResponse:
    """Records that the partner is at work."""
    form = PartnerActForm(prefix="start")
    return _perform_act(
        number,
        "start",
        form,
        lambda handover, by: operations.start_handover(handover, by=by, at=now()),
        _("%(reference)s est en cours."),
    )


@bp.post(f"{HANDOVER_ADDRESS}/terminer")
@needs(Role.PARTNER)
@gives_back(FinishForm, prefix="finish")
def finish_handover(number: int) -> PartnerResponse:
    """Finishes the handover, with an outcome."""
    form = FinishForm(prefix="finish")
    message = _("Merci : %(reference)s est terminé de votre côté.")
    return _perform_act(
        number,
        "finish",
        form,
        lambda handover, by: operations.finish_handover(
            handover, form.reason, words=form.answer.data or "", by=by, at=now()
        ),
        message,
    )


@bp.post(f"{HANDOVER_ADDRESS}/rendre")
@needs(Role.PARTNER)
@gives_back(ReasonForm, prefix="give_back")
def give_back(number: int) -> PartnerResponse:
    """Gives the case back to triage, for a reason."""
    form = ReasonForm(prefix="give_back")
    message = _("%(reference)s est de nouveau à l’équipe de tri.")
    return _perform_act(
        number,
        "give_back",
        form,
        lambda handover, by: operations.give_back(handover, reason=form.answer.data or "", by=by, at=now()),
        message,
    )


@bp.post(f"{HANDOVER_ADDRESS}/occupation")
@needs(Role.PARTNER)
@gives_back(VisitForm, prefix="record_visit")
def record_visit(number: int) -> PartnerResponse:
    """Records an outreach visit to a place where somebody may live."""
    form = VisitForm(prefix="record_visit")

    def record(handover: Handover, by: Person) -> None:
        operations.record_visit(
            handover, in_use=form.seen.data == "in_use", on=form.visit_date, note=form.note.data or "", by=by, at=now()
        )

    return _perform_act(number, "record_visit", form, record, _("La visite est notée au dossier %(reference)s."))


def _perform_act(
    number: int, name: str, form: PartnerActForm, act: Callable[[Handover, Person], None], message: LazyString
) -> PartnerResponse:
    """Performs the act that the form asks for and redirects to the page.

    When it is refused, shows the page with the reason and the typed text: 422 for invalid input, 409 for a stale
    version or a refused move.
    """
    if not form.validate_on_submit():
        return render_handover(_handover_of_reader(number), {name: form}), 422
    try:
        with transaction():
            handover, by = _handover_of_reader(number), current_person()
            operations.refuse_if_handover_stale(handover, form.read_version)
            act(handover, by)
            reference = handover.case.reference
    except Invalid as error:
        form.refuse(error)
        return render_handover(_handover_of_reader(number), {name: form}), 422
    except Stale:
        return render_handover(_handover_of_reader(number), {name: form}, ActRefusal(HANDOVER_CHANGED)), 409
    except MoveRefused as error:
        return render_handover(
            _handover_of_reader(number),
            {name: form},
            ActRefusal(HANDOVER_ACT_REFUSALS.get(error.why, ACT_NO_LONGER_POSSIBLE)),
        ), 409
    flash(str(message) % {"reference": reference}, "done")
    return redirect(url_for("partner.handover", number=number), 303)


def _handover_of_reader(number: int) -> Handover:
    return queries.handover_or_refuse(number, current_person().partner)


def _partner_of(person: Person) -> Partner:
    if person.partner is None:
        raise NotAllowed
    return person.partner
