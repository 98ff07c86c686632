"""Triage pages: the page of a case, and the acts on it.

What is allowed is decided by the operations; what happened is recorded in the journal. Packages downstream add their
own acts to the page by a panel, so that nothing here has to know them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import CohabError, Invalid, MoveRefused, NotFound, Stale
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.triage import captions, case_page, operations, queries
from cohab_report.triage.blueprint import bp
from cohab_report.triage.forms import CloseForm, LinkForm, MergeForm, OccupancyForm, RecodeForm, ReopenForm
from cohab_report.triage.inquiries import views as inquiry_views
from cohab_report.triage.models import Case, ClosingReason
from cohab_report.triage.photos import views as photo_views
from cohab_report.triage.waiting import views as waiting_views
from cohab_report.web.access import needs
from cohab_report.web.act_forms import version_number
from cohab_report.web.event_captions import event_caption
from cohab_report.web.typed_text import gives_back, typed_fields

TRIAGE_VIEW_MODULES = (waiting_views, inquiry_views, photo_views)
"""The modules with the other pages of the blueprint; importing them registers their routes."""
__all__ = ["TRIAGE_VIEW_MODULES", "bp", "case_if_unchanged", "redirect_to_case"]
CaseResponse = Response | tuple[str, int]


@bp.get("/dossiers")
@needs(Role.TRIAGER)
def find_case() -> Response:
    """Redirects to the case whose reference was typed; 404 when there is none."""
    case = queries.case_or_refuse(request.args.get("reference", "").strip().upper())
    return redirect(url_for("triage.case", reference=case.reference), 303)


@bp.get("/dossiers/<reference>")
@needs(Role.TRIAGER)
def case(reference: str) -> str:
    """Shows the page of a case."""
    return case_page.render_case(queries.case_or_refuse(reference))


@bp.post("/dossiers/<reference>/prendre")
@needs(Role.TRIAGER)
@transaction()
def claim_case(reference: str) -> Response:
    """Records that the reader works on the case."""
    operations.claim_case(case_if_unchanged(reference), by=current_person(), at=now())
    return redirect_to_case(reference, _("Vous travaillez à ce dossier."))


@bp.post("/dossiers/<reference>/liberer")
@needs(Role.TRIAGER)
@transaction()
def release_case(reference: str) -> Response:
    """Ends the claim on the case: anybody of the team may take it."""
    operations.release_case(case_if_unchanged(reference), by=current_person(), at=now())
    return redirect_to_case(reference, _("Le dossier est libre : n’importe qui de l’équipe peut le prendre."))


@bp.post("/dossiers/<reference>/accepter")
@needs(Role.TRIAGER)
@transaction()
def accept(reference: str) -> Response:
    """Accepts the case."""
    operations.accept(case_if_unchanged(reference), by=current_person(), at=now())
    return redirect_to_case(reference, _("Le dossier %(ref)s est accepté.", ref=reference))


@bp.post("/dossiers/<reference>/verifier")
@needs(Role.TRIAGER)
@transaction()
def request_occupancy_check(reference: str) -> Response:
    """Locks public works until the outreach team has checked whether somebody lives there."""
    operations.request_occupancy_check(case_if_unchanged(reference), by=current_person(), at=now())
    return redirect_to_case(reference, _("Les travaux sont bloqués jusqu’à la vérification du lieu."))


@bp.post("/dossiers/<reference>/hors-plan")
@needs(Role.TRIAGER)
@transaction()
def mark_out_of_plan(reference: str) -> Response:
    """Records that the case counts toward no action of the plan."""
    operations.mark_out_of_plan(case_if_unchanged(reference), by=current_person(), at=now())
    return redirect_to_case(reference, _("Le dossier est marqué hors plan."))


@bp.post("/dossiers/<reference>/liens/<action>/confirmer")
@needs(Role.TRIAGER)
@transaction()
def confirm_link(reference: str, action: str) -> Response:
    """Confirms an action that was suggested for the case."""
    case = case_if_unchanged(reference)
    operations.confirm_link(case, _linked_action(case, action), by=current_person(), at=now())
    return redirect_to_case(reference, _("Le dossier compte pour l’action %(code)s.", code=action))


@bp.post("/dossiers/<reference>/liens/<action>/ecarter")
@needs(Role.TRIAGER)
@transaction()
def reject_link(reference: str, action: str) -> Response:
    """Rejects an action that was suggested for the case."""
    case = case_if_unchanged(reference)
    operations.reject_link(case, _linked_action(case, action), by=current_person(), at=now())
    return redirect_to_case(reference, _("L’action %(code)s est écartée et ne sera plus proposée.", code=action))


@bp.post("/dossiers/<reference>/liens")
@needs(Role.TRIAGER)
def add_link(reference: str) -> CaseResponse:
    """Links the case to an action that nobody suggested."""

    def act(case: Case, form: LinkForm) -> None:
        action = next(each for each in queries.linkable_actions(case) if each.code == form.action.data)
        operations.confirm_link(case, action, by=current_person(), at=now())

    return _perform_form_act(reference, LinkForm, act, _("Le lien avec le plan est ajouté."))


@bp.post("/dossiers/<reference>/recoder")
@needs(Role.TRIAGER)
@gives_back(RecodeForm, prefix="recode")
def recode(reference: str) -> CaseResponse:
    """Changes the category of the case, for a reason."""

    def act(case: Case, form: RecodeForm) -> None:
        category = catalogue.category_or_refuse(form.category.data)
        operations.recode(
            case,
            category,
            reason=form.reason.data or "",
            is_confirmed=form.is_confirmed,
            by=current_person(),
            at=now(),
        )

    return _perform_form_act(reference, RecodeForm, act, _("La catégorie est changée."))


@bp.post("/dossiers/<reference>/occupation")
@needs(Role.TRIAGER)
@gives_back(OccupancyForm, prefix="occupancy")
def record_occupancy(reference: str) -> CaseResponse:
    """Records what the outreach team saw of the place."""

    def act(case: Case, form: OccupancyForm) -> None:
        visit = {"in_use": form.seen.data == "in_use", "on": form.visit_date, "note": form.note.data or ""}
        operations.record_occupancy(case, **visit, by=current_person(), at=now())

    return _perform_form_act(reference, OccupancyForm, act, _("La vérification est notée."))


@bp.post("/dossiers/<reference>/fusionner")
@needs(Role.TRIAGER)
@gives_back(MergeForm, prefix="merge")
def merge(reference: str) -> CaseResponse:
    """Merges the case into another one."""

    def act(case: Case, form: MergeForm) -> None:
        operations.merge(case, into=_other_case(form.into.data or ""), by=current_person(), at=now())

    return _perform_form_act(reference, MergeForm, act, _("Le dossier est fusionné."))


@bp.post("/dossiers/<reference>/fermer")
@needs(Role.TRIAGER)
@gives_back(CloseForm, prefix="close")
def close(reference: str) -> CaseResponse:
    """Closes the case, for a reason."""

    def act(case: Case, form: CloseForm) -> None:
        operations.close(
            case, ClosingReason(form.reason.data), note=form.note.data or "", by=current_person(), at=now()
        )

    return _perform_form_act(reference, CloseForm, act, _("Le dossier %(ref)s est fermé.", ref=reference))


@bp.post("/dossiers/<reference>/rouvrir")
@needs(Role.TRIAGER)
@gives_back(ReopenForm, prefix="reopen")
def reopen(reference: str) -> CaseResponse:
    """Takes a closed case up again, for a reason."""

    def act(case: Case, form: ReopenForm) -> None:
        operations.reopen(case, reason=form.reason.data or "", by=current_person(), at=now())

    return _perform_form_act(reference, ReopenForm, act, _("Le dossier %(ref)s est rouvert.", ref=reference))


@bp.errorhandler(Stale)
@bp.errorhandler(MoveRefused)
def render_conflict(error: CohabError) -> tuple[str, int]:
    """Shows what changed meanwhile, or why the act is not possible now (409).

    Nothing was changed, and the typed text is given back.
    """
    changes = error.changes if isinstance(error, Stale) else {}
    names = partners.person_names(actor for actor, _at in changes.values())
    entries = [
        case_page.HistoryEntry(datetime.fromisoformat(at), name, event_caption(name), names.get(actor, ""), "")
        for name, (actor, at) in changes.items()
    ]
    why = captions.MOVE_REFUSAL_CAPTIONS.get(error.why) if isinstance(error, MoveRefused) else None
    reference = (request.view_args or {}).get("reference")
    return render_template(
        "triage/conflict.html", changes=entries, why=why, reference=reference, kept=typed_fields()
    ), 409


def case_if_unchanged(reference: str) -> Case:
    """Returns the case unless it changed since the version in the form; raises Stale, or Invalid without a version."""
    case = queries.case_or_refuse(reference)
    version = version_number(request.form.get("version"))
    if version is None:
        raise Invalid("version", "missing")
    operations.refuse_if_stale(case, version)
    return case


def redirect_to_case(reference: str, message: str) -> Response:
    """Redirects to the case's page with a message that says what was done."""
    flash(message, "done")
    return redirect(url_for("triage.case", reference=reference), 303)


def _perform_form_act(
    reference: str, form_type: type[Any], act: Callable[[Case, Any], None], message: str
) -> CaseResponse:
    """Validates the form of this type and performs the act in a transaction; shows the page again (422) if refused."""
    forms = case_page.forms_of(queries.case_or_refuse(reference))
    form = next(candidate for candidate in forms.values() if isinstance(candidate, form_type))
    if form.validate():
        try:
            with transaction():
                act(case_if_unchanged(reference), form)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect_to_case(reference, message)
    return case_page.render_case(queries.case_or_refuse(reference), forms), 422


def _linked_action(case: Case, code: str) -> Any:
    action = next((link.action for link in case.links if link.action.code == code), None)
    if action is None:
        raise NotFound
    return action


def _other_case(reference: str) -> Case:
    try:
        return queries.case_or_refuse(reference)
    except NotFound:
        raise Invalid("into", "unknown") from None
