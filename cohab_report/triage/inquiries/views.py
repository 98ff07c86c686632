"""The panel of a case where an author is asked a question. It changes nothing of the case."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake.inquiries import operations
from cohab_report.intake.inquiries import queries as inquiries
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.triage import case_page, queries
from cohab_report.triage.blueprint import bp
from cohab_report.triage.inquiries.forms import AskForm
from cohab_report.triage.models import Case
from cohab_report.web.access import needs
from cohab_report.web.typed_text import gives_back


def inquiry_panel(case: Case) -> Markup:
    """Returns the panel with the form to ask an author of this case, while there is one who could answer."""
    return _render_inquiry_panel(case, None)


@bp.post("/dossiers/<reference>/demander")
@needs(Role.TRIAGER)
@gives_back(AskForm, prefix="ask")
def ask_author(reference: str) -> Response | tuple[str, int]:
    """Sends the question to the author's follow page; wording that could point at a person is shown once before."""
    case = _open_case_or_refuse(reference)
    form = _inquiry_form(case)
    if form.validate() and form.is_warned():
        try:
            with transaction():
                case = _open_case_or_refuse(reference)
                operations.ask_author(
                    _chosen_observation(case, form), form.question.data or "", by=current_person(), at=now()
                )
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("La question attend la personne sur sa page de suivi."), "done")
            return redirect(url_for("triage.case", reference=reference), 303)
    case = queries.case_or_refuse(reference)
    return case_page.render_case(case, panels={inquiry_panel: _render_inquiry_panel(case, form)}), 422


def _open_case_or_refuse(reference: str) -> Case:
    case = queries.case_or_refuse(reference)
    if not case.is_open:
        raise MoveRefused("case", case.state.value, "ask", "over")
    return case


def _chosen_observation(case: Case, form: AskForm) -> Observation:
    return next(each for each in case.observations if each.reference == form.author.data)


def _inquiry_form(case: Case) -> AskForm:
    form = AskForm(prefix="ask")
    form.offer([each for each in case.observations if operations.inquiry_obstacle(each) is None])
    return form


def _render_inquiry_panel(case: Case, form: AskForm | None) -> Markup:
    waiting_observation_ids = {
        each.observation_id for each in inquiries.inquiries_of([one.id for one in case.observations]) if each.is_open
    }
    html = render_template(
        "triage/_inquiries.html",
        case=case,
        form=form or _inquiry_form(case),
        warnings=form.flags if form and not form.errors else [],
        may_ask=case.is_open
        and any(
            each.id not in waiting_observation_ids and operations.inquiry_obstacle(each) is None
            for each in case.observations
        ),
    )
    return Markup(html)  # noqa: S704 - a template of this application, escaped by Jinja
