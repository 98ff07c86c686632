"""Answering what triage asks, or not: both are one press away and neither needs a reason."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid
from cohab_report.intake.inquiries import operations
from cohab_report.resident.door import bp
from cohab_report.resident.following import views as follow_views
from cohab_report.resident.inquiries.forms import ReplyForm
from cohab_report.resident.journey import Answer
from cohab_report.web.access import open_to_all


@bp.post("/suivi/reponse")
@open_to_all
def reply() -> Answer:
    """Triage has the answer; wording that could point at a person is shown once before it leaves."""
    observation, form = follow_views.followed(), ReplyForm()
    if not form.validate() or not form.is_warned():
        return follow_views.story_page(observation, reply_form=form)
    try:
        with transaction():
            operations.answer(observation, form.answer.data or "", at=now())
    except Invalid as error:
        form.refuse(error)
        return follow_views.story_page(observation, reply_form=form)
    flash(_("Merci. L’équipe de tri lit votre réponse."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.post("/suivi/reponse/non")
@open_to_all
@transaction()
def decline_reply() -> Response:
    """The author prefers not to answer."""
    operations.decline(follow_views.followed(), at=now())
    flash(_("C’est noté. Votre observation est traitée de la même façon."), "done")
    return redirect(url_for("resident.follow"), 303)
