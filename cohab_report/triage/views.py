"""The triage desk: one case on one screen, and the acts on it. What is allowed is decided below; what happened is told by the
journal. Packages downstream add their own acts to the case by a panel, so that nothing here has to know them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import CohabError, Invalid, MoveRefused, NotThere, Stale
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.triage import captions, operations, queries, screen
from cohab_report.triage.door import bp
from cohab_report.triage.forms import CloseForm, LinkForm, MergeForm, OccupancyForm, RecodeForm
from cohab_report.triage.inquiries import views as inquiry_views
from cohab_report.triage.models import Case, ClosingReason
from cohab_report.triage.photos import views as photo_views
from cohab_report.triage.waiting import views as waiting_views
from cohab_report.web.access import needs
from cohab_report.web.errors import kept

MODULES = (waiting_views, inquiry_views, photo_views)
"""Where the other pages of the blueprint are; naming them here hangs them on it."""
__all__ = ["MODULES", "back_to", "bp", "case_as_read", "init_app"]
Answer = Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """The desk has its addresses; panels of packages downstream may be added."""
    screen.add_panel(app, inquiry_views.panel)
    app.register_blueprint(bp)


@bp.get("/dossiers")
@needs(Role.TRIAGER)
def find() -> Response:
    """The case whose reference was typed."""
    case = queries.case_or_refuse(request.args.get("reference", "").strip().upper())
    return redirect(url_for("triage.case", reference=case.reference), 303)


@bp.get("/dossiers/<reference>")
@needs(Role.TRIAGER)
def case(reference: str) -> str:
    """One case on one screen."""
    return screen.drawn(queries.case_or_refuse(reference))


@bp.post("/dossiers/<reference>/prendre")
@needs(Role.TRIAGER)
@transaction()
def claim(reference: str) -> Response:
    """The reader works on the case."""
    operations.claim(case_as_read(reference), by=current_person(), at=now())
    return back_to(reference, _("Vous travaillez à ce dossier."))


@bp.post("/dossiers/<reference>/liberer")
@needs(Role.TRIAGER)
@transaction()
def release(reference: str) -> Response:
    """Nobody in particular works on the case."""
    operations.release(case_as_read(reference), by=current_person(), at=now())
    return back_to(reference, _("Le dossier est libre : n’importe qui de l’équipe peut le prendre."))


@bp.post("/dossiers/<reference>/accepter")
@needs(Role.TRIAGER)
@transaction()
def accept(reference: str) -> Response:
    """The case is accepted."""
    operations.accept(case_as_read(reference), by=current_person(), at=now())
    return back_to(reference, _("Le dossier %(ref)s est accepté.", ref=reference))


@bp.post("/dossiers/<reference>/verifier")
@needs(Role.TRIAGER)
@transaction()
def doubt(reference: str) -> Response:
    """Somebody may live there: outreach looks first."""
    operations.doubt_occupancy(case_as_read(reference), by=current_person(), at=now())
    return back_to(reference, _("Les travaux sont bloqués jusqu’à la vérification du lieu."))


@bp.post("/dossiers/<reference>/hors-plan")
@needs(Role.TRIAGER)
@transaction()
def out_of_plan(reference: str) -> Response:
    """The case counts toward no action of the plan."""
    operations.mark_out_of_plan(case_as_read(reference), by=current_person(), at=now())
    return back_to(reference, _("Le dossier est marqué hors plan."))


@bp.post("/dossiers/<reference>/liens/<action>/confirmer")
@needs(Role.TRIAGER)
@transaction()
def confirm_link(reference: str, action: str) -> Response:
    """The case counts toward an action that was suggested."""
    found = case_as_read(reference)
    operations.link(found, _action_of(found, action), by=current_person(), at=now())
    return back_to(reference, _("Le dossier compte pour l’action %(code)s.", code=action))


@bp.post("/dossiers/<reference>/liens/<action>/ecarter")
@needs(Role.TRIAGER)
@transaction()
def reject_link(reference: str, action: str) -> Response:
    """The case does not count toward an action that was suggested."""
    found = case_as_read(reference)
    operations.reject(found, _action_of(found, action), by=current_person(), at=now())
    return back_to(reference, _("L’action %(code)s est écartée et ne sera plus proposée.", code=action))


@bp.post("/dossiers/<reference>/liens")
@needs(Role.TRIAGER)
def add_link(reference: str) -> Answer:
    """The case counts toward an action that nobody suggested."""

    def act(found: Case, form: LinkForm) -> None:
        action = next(known for known in queries.linkable_actions(found) if known.code == form.action.data)
        operations.link(found, action, by=current_person(), at=now())

    return _tried(reference, LinkForm, act, _("Le lien avec le plan est ajouté."))


@bp.post("/dossiers/<reference>/recoder")
@needs(Role.TRIAGER)
def recode(reference: str) -> Answer:
    """The case is of another category, for a reason."""

    def act(found: Case, form: RecodeForm) -> None:
        category = catalogue.category_or_refuse(form.category.data)
        operations.recode(found, category, reason=form.reason.data or "", by=current_person(), at=now())

    return _tried(reference, RecodeForm, act, _("La catégorie est changée."))


@bp.post("/dossiers/<reference>/occupation")
@needs(Role.TRIAGER)
def occupancy(reference: str) -> Answer:
    """What outreach saw of the place is written down."""

    def act(found: Case, form: OccupancyForm) -> None:
        seen = {"in_use": form.seen.data == "in_use", "on": form.day, "note": form.note.data or ""}
        operations.record_occupancy(found, **seen, by=current_person(), at=now())

    return _tried(reference, OccupancyForm, act, _("La vérification est notée."))


@bp.post("/dossiers/<reference>/fusionner")
@needs(Role.TRIAGER)
def merge(reference: str) -> Answer:
    """The case's observations belong to another case."""

    def act(found: Case, form: MergeForm) -> None:
        operations.merge(found, into=_other_case(form.into.data or ""), by=current_person(), at=now())

    return _tried(reference, MergeForm, act, _("Le dossier est fusionné."))


@bp.post("/dossiers/<reference>/fermer")
@needs(Role.TRIAGER)
def close(reference: str) -> Answer:
    """The case is over, for a reason."""

    def act(found: Case, form: CloseForm) -> None:
        operations.close(
            found, ClosingReason(form.reason.data), note=form.note.data or "", by=current_person(), at=now()
        )

    return _tried(reference, CloseForm, act, _("Le dossier %(ref)s est fermé.", ref=reference))


@bp.errorhandler(Stale)
@bp.errorhandler(MoveRefused)
def refused(error: CohabError) -> tuple[str, int]:
    """What changed meanwhile, or why the act is not possible now; nothing was changed and the typed text is given back."""
    changes = error.changes if isinstance(error, Stale) else {}
    names = partners.names_of(actor for actor, _at in changes.values())
    told = [
        screen.Told(datetime.fromisoformat(at), name, str(captions.EVENTS.get(name, name)), names.get(actor, ""), "")
        for name, (actor, at) in changes.items()
    ]
    why = captions.WHY_NOT.get(error.why) if isinstance(error, MoveRefused) else None
    reference = (request.view_args or {}).get("reference")
    return render_template("triage/refused.html", changes=told, why=why, reference=reference, kept=kept()), 409


def case_as_read(reference: str) -> Case:
    """The case, if nobody changed it since the version that the form says was read; raises Stale, or Invalid without a version."""
    found = queries.case_or_refuse(reference)
    version = request.form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Invalid("version", "missing")
    operations.expect(found, int(version))
    return found


def back_to(reference: str, said: str) -> Response:
    """The case again, with what was just done to it."""
    flash(said, "done")
    return redirect(url_for("triage.case", reference=reference), 303)


def _tried(reference: str, kind: type[Any], act: Callable[[Case, Any], None], said: str) -> Answer:
    forms = screen.forms_of(queries.case_or_refuse(reference))
    form = next(known for known in forms.values() if isinstance(known, kind))
    if form.validate():
        try:
            with transaction():
                act(case_as_read(reference), form)
        except Invalid as error:
            form.refuse(error)
        else:
            return back_to(reference, said)
    return screen.drawn(queries.case_or_refuse(reference), forms), 422


def _action_of(found: Case, code: str) -> Any:
    action = next((link.action for link in found.links if link.action.code == code), None)
    if action is None:
        raise NotThere
    return action


def _other_case(reference: str) -> Case:
    try:
        return queries.case_or_refuse(reference)
    except NotThere:
        raise Invalid("into", "unknown") from None
