"""The panel of a case where an author is asked something. It changes nothing of the case; the answer is read beside what was sent."""

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
from cohab_report.triage import captions, queries, screen
from cohab_report.triage.door import bp
from cohab_report.triage.inquiries.forms import AskForm
from cohab_report.triage.models import Case
from cohab_report.web.access import needs


def panel(case: Case) -> Markup:
    """The form to ask an author of this case, while there is one who could answer."""
    return _panel(case, None)


@bp.post("/dossiers/<reference>/demander")
@needs(Role.TRIAGER)
def ask(reference: str) -> Response | tuple[str, int]:
    """The author reads the question on the follow page; wording that could point at a person is shown once before."""
    case = queries.case_or_refuse(reference)
    form = _form(case)
    if form.validate() and form.is_warned():
        try:
            with transaction():
                case = queries.case_or_refuse(reference)
                operations.ask(_author(case, form), form.question.data or "", by=current_person(), at=now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("La question attend la personne sur sa page de suivi."), "done")
            return redirect(url_for("triage.case", reference=reference), 303)
    case = queries.case_or_refuse(reference)
    return screen.drawn(case, panels={panel: _panel(case, form)}), 422


def _author(case: Case, form: AskForm) -> Observation:
    if not case.is_open:
        raise MoveRefused("case", case.state.value, "ask", "over")
    return next(each for each in case.observations if each.reference == form.author.data)


def _form(case: Case) -> AskForm:
    form = AskForm(prefix="ask")
    form.offer([each for each in case.observations if operations.why_not(each) is None])
    return form


def _panel(case: Case, form: AskForm | None) -> Markup:
    waiting = {each.observation_id for each in inquiries.of([one.id for one in case.observations]) if each.is_open}
    drawn = render_template(
        "triage/_inquiries.html", case=case, form=form or _form(case), captions=captions,
        warnings=form.flags if form and not form.errors else [],
        may_ask=case.is_open and any(each.id not in waiting and operations.why_not(each) is None for each in case.observations),
    )  # fmt: skip
    return Markup(drawn)  # noqa: S704 - a template of this house, escaped by Jinja
