"""The two pages of a transfer to the police: what it does, on which ground and why; then the same, to be confirmed."""

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import MoveRefused, NotFound, Stale
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.routing import operations, queries, seeing
from cohab_report.routing.police import rules
from cohab_report.routing.police.forms import REASON_LABEL, ConfirmForm, PoliceForm
from cohab_report.triage import queries as triage
from cohab_report.triage import views as triage_views
from cohab_report.triage.captions import MOVE_REFUSAL_CAPTIONS
from cohab_report.triage.models import Case, CaseState
from cohab_report.web.access import needs
from cohab_report.web.typed_text import gives_back

bp = Blueprint("police", __name__, url_prefix="/tri")
PoliceResponse = Response | str | tuple[str, int]
bp.register_error_handler(Stale, triage_views.render_conflict)
bp.register_error_handler(MoveRefused, triage_views.render_conflict)


@bp.get("/dossiers/<reference>/police")
@needs(Role.TRIAGER)
def transfer(reference: str) -> str:
    """Shows what a transfer to the police does, and its form; or why there is none."""
    return _render_transfer(triage.case_or_refuse(reference), _police_form())


@bp.post("/dossiers/<reference>/police")
@needs(Role.TRIAGER)
@gives_back(PoliceForm, prefix="police")
def review(reference: str) -> PoliceResponse:
    """Shows once more what was chosen and written, to be confirmed; nothing is changed."""
    case, form = triage_views.case_if_unchanged(reference), _police_form()
    if refusal := rules.transfer_refusal(case):
        raise MoveRefused("case", case.state.value, CaseState.HANDED_OVER.value, refusal)
    if not (form.validate() and form.is_reason_long_enough()):
        return _render_transfer(case, form), 422
    typed = {"partner": form.partner.data, "ground": form.ground.data, "reason": form.reason.data}
    confirmation = ConfirmForm(None, prefix="confirm", data=typed)
    confirmation.sign(case, current_person())
    return _render_review(case, confirmation)


@bp.post("/dossiers/<reference>/police/confirmer")
@needs(Role.TRIAGER)
@gives_back(**{"confirm-reason": REASON_LABEL})
def confirm(reference: str) -> PoliceResponse:
    """Transfers the case to the police, as the reader has just read it and confirmed."""
    case, form = triage_views.case_if_unchanged(reference), ConfirmForm(prefix="confirm")
    if not form.was_shown(case, current_person()):
        return _render_first_page_again(case, form), 422
    if not form.validate():
        return _render_review(case, form), 422
    with transaction():
        case = triage_views.case_if_unchanged(reference)
        operations.transfer_to_police(
            case,
            partners.partner_or_refuse(form.partner.data or ""),
            ground=queries.legal_ground_or_refuse(form.ground.data or ""),
            reason=form.reason.data or "",
            by=current_person(),
            at=now(),
        )
    return triage_views.redirect_to_case(reference, _("Le dossier est transmis à la police, qui doit l’accepter."))


def _police_form(typed: ConfirmForm | None = None) -> PoliceForm:
    """Returns the first page's form with the choices in force; raises NotFound where the city has no police partner.

    `typed` is a confirmation that can't be taken: what it holds stands in the form again.
    """
    police_partners = queries.police_partners()
    if not police_partners:
        raise NotFound
    if typed is None:
        form = PoliceForm(prefix="police")
    else:
        chosen = {"partner": typed.partner.data, "ground": typed.ground.data, "reason": typed.reason.data}
        form = PoliceForm(None, prefix="police", data=chosen)
    form.offer(police_partners, queries.legal_grounds())
    return form


def _render_transfer(case: Case, form: PoliceForm) -> str:
    grounds, police_partners = queries.legal_grounds(), queries.police_partners()
    refusal = rules.transfer_refusal(case)
    return render_template(
        "police/transfer.html",
        case=case,
        form=form,
        refusal=MOVE_REFUSAL_CAPTIONS[refusal] if refusal else None,
        partners=police_partners,
        precisions=[seeing.location_precision_for(case, each) for each in police_partners],
        ground_sources={ground.code: ground for ground in grounds},
    )


def _render_first_page_again(case: Case, typed: ConfirmForm) -> str:
    form = _police_form(typed)
    form.ask_to_read_again()
    return _render_transfer(case, form)


def _render_review(case: Case, form: ConfirmForm) -> str:
    return render_template(
        "police/review.html",
        case=case,
        form=form,
        partner=partners.partner_or_refuse(form.partner.data or ""),
        ground=queries.legal_ground_or_refuse(form.ground.data or ""),
    )
