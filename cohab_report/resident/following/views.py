"""Following one's own observation by its code: what became of it, and what its author may still do. The code is never in an address."""

from flask import Response as FlaskResponse
from flask import flash, json, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotThere
from cohab_report.intake import operations, queries
from cohab_report.intake.contacts import queries as contacts
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.photos import queries as photos
from cohab_report.resident.door import bp
from cohab_report.resident.following.records import own_record
from cohab_report.resident.forms import FollowForm
from cohab_report.resident.inquiries.forms import ReplyForm
from cohab_report.resident.inquiries.standing import asked_of, own_inquiries
from cohab_report.resident.journey import FOLLOWED, Answer
from cohab_report.resident.letters.forms import AddressForm
from cohab_report.resident.letters.standing import kept_of, standing_of
from cohab_report.resident.photos import own as own_photos
from cohab_report.resident.sending.views import ahead_of
from cohab_report.web import throttle
from cohab_report.web.access import open_to_all


@bp.route("/suivi", methods=["GET", "POST"])
@throttle.code_guesses
@open_to_all
def follow() -> Answer:
    """The story of the observation that this session follows; otherwise the question for its code."""
    form = FollowForm()
    if form.validate_on_submit():
        try:
            session[FOLLOWED] = operations.follow(form.code.data or "").id
            return redirect(url_for("resident.follow"), 303)
        except Invalid as error:
            form.refuse(error.reason)
    if FOLLOWED in session and request.method == "GET":
        return _story()
    return render_template("resident/follow.html", form=form), 422 if form.errors else 200


@bp.post("/suivi/fermer")
@open_to_all
def close_follow() -> Response:
    """This browser follows nothing any more."""
    session.pop(FOLLOWED, None)
    return redirect(url_for("resident.follow"), 303)


@bp.post("/suivi/texte")
@open_to_all
@transaction()
def redact() -> Response:
    """The resident's own words are gone for good."""
    operations.redact_text(followed(), by=journal.RESIDENT, at=now())
    flash(_("Votre texte est effacé pour de bon."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.get("/suivi/retirer")
@open_to_all
def withdraw() -> str:
    """What taking the observation back would do, before it is done."""
    return render_template("resident/withdraw.html", observation=followed())


@bp.post("/suivi/retirer")
@open_to_all
@transaction()
def withdraw_now() -> Response:
    """The observation is taken back."""
    operations.withdraw(followed(), at=now())
    flash(_("L’observation est retirée."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.post("/suivi/rouvrir")
@open_to_all
@transaction()
def reopen() -> Response:
    """The team is asked to look again."""
    operations.request_reopening(followed(), at=now())
    flash(_("L’équipe de tri va regarder de nouveau."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.post("/suivi/avis")
@open_to_all
@transaction()
def rate() -> Response:
    """The one question of satisfaction is answered."""
    operations.rate(followed(), request.form.get("answer", ""), at=now())
    flash(_("Merci. L’équipe de tri lit votre réponse avec le dossier."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.get("/suivi/donnees.json")
@open_to_all
def own_data() -> FlaskResponse:
    """All that is kept of the observation, for its author to take away (Act respecting access, A-2.1, art. 84)."""
    observation = followed()
    record = own_record(observation, queries.story(observation).events, photos.of([observation]))
    record |= {"email": kept_of(contacts.contact_of(observation)), "inquiries": own_inquiries(observation)}
    answer = FlaskResponse(json.dumps(record, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="observation-{observation.reference}.json"'
    return answer


def followed() -> Observation:
    """The observation that this session follows; raises NotThere."""
    if FOLLOWED not in session:
        raise NotThere
    return queries.observation_or_refuse(session[FOLLOWED])


def _story() -> Answer:
    try:
        observation = followed()
    except NotThere:
        session.pop(FOLLOWED, None)
        return redirect(url_for("resident.follow"), 303)
    return story_page(observation)


def story_page(
    observation: Observation, *, address_form: AddressForm | None = None, reply_form: ReplyForm | None = None
) -> Answer:
    """What became of it, and what its author may do; with a form that was refused it says so beside its field."""
    story, finished = queries.story(observation), operations.finished_at(observation)
    is_finished = observation.status in (Status.DONE, Status.REDIRECTED)
    may_reopen = is_finished and finished is not None and now() - finished <= operations.REOPEN_WITHIN
    answers = catalogue.responses_to(observation.category.code, observation.kind) if finished else {}
    shown = {
        "observation": observation,
        "story": story,
        "answers": answers,
        "is_finished": is_finished,
        "may_reopen": may_reopen,
    }
    promised = ahead_of(observation).due_at if observation.status is Status.RECEIVED and finished is None else None
    shown |= {"email": standing_of(observation, address_form), "ask": "resident.ask_from_follow"}
    shown |= {"asked": asked_of(observation, reply_form), "promised": promised, "own": own_photos.shown(observation)}
    return render_template("resident/followed.html", **shown), 422 if address_form or reply_form else 200
