"""Answering a question of triage, or declining to: both take one button, and neither needs a reason."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid
from cohab_report.intake.inquiries import operations
from cohab_report.resident import own_observation
from cohab_report.resident.blueprint import bp
from cohab_report.resident.following import views as follow_views
from cohab_report.resident.inquiries.forms import ReplyForm
from cohab_report.resident.steps import PageResponse
from cohab_report.web.access import open_to_all
from cohab_report.web.typed_text import gives_back


@bp.post("/suivi/reponse")
@open_to_all
@gives_back(ReplyForm)
def reply() -> PageResponse:
    """Sends the answer to triage; personal wording is shown once before it is sent."""
    observation, form = own_observation.followed_observation(), ReplyForm()
    if not form.validate() or not form.is_warned():
        return follow_views.follow_page(observation, reply_form=form)
    try:
        with transaction():
            operations.answer_inquiry(observation, form.answer.data or "", at=now())
    except Invalid as error:
        form.refuse(error)
        return follow_views.follow_page(observation, reply_form=form)
    flash(_("Merci. L’équipe de tri lit votre réponse."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.post("/suivi/reponse/non")
@open_to_all
@transaction()
def decline_reply() -> Response:
    """Records that the author prefers not to answer."""
    operations.decline_inquiry(own_observation.followed_observation(), at=now())
    flash(_("C’est noté. Votre observation est traitée de la même façon."), "done")
    return redirect(url_for("resident.follow"), 303)
