"""The follow page: the history of one's own observation, and what its author may still do.

The code is never in an address.
"""

from flask import Response as FlaskResponse
from flask import flash, json, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotFound
from cohab_report.intake import operations
from cohab_report.intake.contacts import queries as contacts
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.photos import queries as photos
from cohab_report.intake.stories import queries as stories
from cohab_report.intake.stories.queries import AuthorStory
from cohab_report.resident import own_observation
from cohab_report.resident.blueprint import bp
from cohab_report.resident.emails.email_section import email_record, email_section
from cohab_report.resident.emails.forms import AddressForm
from cohab_report.resident.following.records import own_record
from cohab_report.resident.forms import FollowForm
from cohab_report.resident.inquiries.forms import ReplyForm
from cohab_report.resident.inquiries.inquiry_section import inquiry_records, inquiry_section
from cohab_report.resident.own_observation import CLOSED_KEY, FOLLOWED_KEY
from cohab_report.resident.photos import own_photos
from cohab_report.resident.sending.views import expectations_of
from cohab_report.resident.steps import PageResponse
from cohab_report.web import throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import clear_browser_cache


@bp.route("/suivi", methods=["GET", "POST"])
@throttle.limit_code_guesses
@open_to_all
def follow() -> PageResponse:
    """Shows the history of the observation that this browser follows, or asks for its code."""
    form = FollowForm()
    if form.validate_on_submit():
        try:
            with transaction():
                own_observation.open_follow(operations.observation_by_code(form.code.data or ""))
            return redirect(url_for("resident.follow"), 303)
        except Invalid as error:
            form.refuse(error.reason)
    if FOLLOWED_KEY in session and request.method == "GET":
        return _page_or_question()
    closed = session.pop(CLOSED_KEY, None)
    return render_template("resident/follow.html", form=form, closed=closed), 422 if form.errors else 200


@bp.post("/suivi/fermer")
@open_to_all
def close_follow() -> Response:
    """Ends what this browser may open of its own observations: the follow page, the receipt, the place for another."""
    own_observation.forget_own_observation(own_observation.own_reference())
    flash(_("Le suivi est fermé sur cet appareil."), "done")
    return clear_browser_cache(redirect(url_for("resident.follow"), 303))


@bp.post("/suivi/texte")
@open_to_all
@transaction()
def redact() -> Response:
    """Erases the resident's own text for good."""
    operations.redact_text(own_observation.followed_observation(), by=journal.RESIDENT, at=now())
    flash(_("Votre texte est effacé pour de bon."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.get("/suivi/retirer")
@open_to_all
def withdraw() -> str:
    """Shows what withdrawing the observation would do, before it is done."""
    return render_template("resident/withdraw.html", observation=own_observation.followed_observation())


@bp.post("/suivi/retirer")
@open_to_all
def withdraw_now() -> Response:
    """Withdraws the observation, and closes its pages in every browser."""
    with transaction():
        observation = own_observation.followed_observation()
        operations.withdraw(observation, at=now())
        reference = observation.reference
    own_observation.forget_own_observation(reference, withdrawn=True)
    flash(_("L’observation est retirée. Le suivi est fermé sur cet appareil."), "done")
    return clear_browser_cache(redirect(url_for("resident.follow"), 303))


@bp.post("/suivi/rouvrir")
@open_to_all
@transaction()
def reopen() -> Response:
    """Asks the triage team to reopen the case."""
    operations.request_reopening(own_observation.followed_observation(), at=now())
    flash(_("L’équipe de tri va regarder de nouveau."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.post("/suivi/avis")
@open_to_all
@transaction()
def rate() -> Response:
    """Stores the answer to the one question of satisfaction."""
    operations.rate(own_observation.followed_observation(), request.form.get("answer", ""), at=now())
    flash(_("Merci. L’équipe de tri lit votre réponse avec le dossier."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.get("/suivi/donnees.json")
@open_to_all
def own_data() -> FlaskResponse:
    """Returns all that is stored of the observation as a JSON file for its author.

    Source: Act respecting access, A-2.1, s. 84.
    """
    observation = own_observation.followed_observation()
    record = own_record(observation, stories.story_of(observation), photos.photos_of([observation]))
    record |= {"email": email_record(contacts.contact_of(observation)), "inquiries": inquiry_records(observation)}
    response = FlaskResponse(json.dumps(record, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="observation-{observation.reference}.json"'
    return response


def _page_or_question() -> PageResponse:
    try:
        observation = own_observation.followed_observation()
    except NotFound:
        own_observation.end_own_sessions()
        flash(_("Le suivi s’est fermé après un moment sans visite. Entrez de nouveau votre code."), "info")
        return redirect(url_for("resident.follow"), 303)
    return follow_page(observation)


def _may_reopen(story: AuthorStory) -> bool:
    at = story.finished_at
    return story.is_finished and at is not None and now() - at <= operations.REOPEN_WITHIN


def follow_page(
    observation: Observation, *, address_form: AddressForm | None = None, reply_form: ReplyForm | None = None
) -> PageResponse:
    """Renders the follow page; with a refused address or reply form, 422 and its error beside the field."""
    story = stories.story_of(observation)
    is_unread = story.status is Status.RECEIVED and story.finished_at is None
    page = render_template(
        "resident/followed.html",
        observation=observation,
        story=story,
        answers=catalogue.responses_to(observation.category.code, observation.kind) if story.finished_at else {},
        may_reopen=_may_reopen(story),
        email=email_section(observation, address_form),
        ask="resident.ask_from_follow",
        inquiries=inquiry_section(observation, reply_form),
        due_at=expectations_of(observation).due_at if is_unread else None,
        own=own_photos.own_photos_of(observation),
    )
    return page, 422 if address_form or reply_form else 200
