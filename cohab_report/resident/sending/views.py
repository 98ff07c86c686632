"""The review page, sending, and the receipt with the follow-up code."""

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotFound
from cohab_report.intake import operations, receiving, rules
from cohab_report.intake.models import LONGEST_TEXT, Belongings, Observation
from cohab_report.intake.photos import rules as photo_rules
from cohab_report.intake.stories import queries as stories
from cohab_report.intake.wording import screen
from cohab_report.resident import own_observation, steps
from cohab_report.resident.blueprint import bp
from cohab_report.resident.draft import Draft
from cohab_report.resident.emails.email_section import email_section
from cohab_report.resident.emails.forms import AddressForm
from cohab_report.resident.forms import MESSAGES, STEP_OF, PlaceForm, QuestionsForm
from cohab_report.resident.offline import submission_responses
from cohab_report.resident.own_observation import FOLLOWED_KEY, SENT_KEY, Receipt
from cohab_report.resident.photos import own_photos
from cohab_report.resident.sending.expectations import Expectations, expectations_for
from cohab_report.resident.steps import PageResponse, danger_screen_required
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.web import throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.configuration import allow_request_size
from cohab_report.web.languages import current_language
from cohab_report.web.negotiation import wants_json
from cohab_report.web.typed_text import gives_back


@bp.get("/signaler/verifier")
@open_to_all
@danger_screen_required
def review() -> PageResponse:
    """Shows all that would be sent, and who would see it."""
    draft = steps.session_draft()
    try:
        return steps.redirect_if_too_early(draft, "review") or _review_page(draft)
    except Invalid as error:
        return redirect(url_for(f"resident.{STEP_OF.get(error.field, 'danger_screen')}"), 303)


@bp.post("/signaler/envoyer")
@throttle.limit_observations
@allow_request_size(own_photos.LARGEST_FORM)
@open_to_all
@gives_back(PlaceForm, QuestionsForm)
def send() -> PageResponse:
    """Receives the observation, once however often it is sent, and redirects to its receipt.

    Answers scripts with JSON.
    """
    draft = Draft.from_form(request.form)
    try:
        submission_responses.refuse_without_danger_screen()
        submission = draft.to_submission(territory.city_facts(), language=current_language())
        with transaction():
            observation = receiving.receive(submission, at=now(), network=throttle.hashed_network())
            code = operations.code_of(observation, submission.client_id)
            in_hand = not wants_json() or submission_responses.is_of_this_session(draft, observation)
            if in_hand:
                own_observation.open_receipt(observation, code, draft)
    except Invalid as error:
        return submission_responses.refusal_response(error) if wants_json() else _page_to_correct(draft, error)
    if in_hand:
        steps.drop_draft()
    refused_photos = own_photos.receive_form_photos(observation)
    if wants_json():
        return submission_responses.receipt_response(observation, code, refused_photos, in_hand=in_hand)
    own_photos.show_on_next_page(refused_photos)
    return redirect(url_for("resident.receipt"), 303)


@bp.get("/recu")
@open_to_all
def receipt() -> PageResponse:
    """Shows the follow-up code of what was just sent from this browser, and what happens next; for an hour."""
    last = own_observation.last_receipt()
    if last is not None:
        return receipt_page(last)
    if SENT_KEY in session and FOLLOWED_KEY not in session:
        own_observation.end_own_sessions()
        flash(_("Le reçu ne se montre que pendant une heure. Votre code ouvre le suivi."), "info")
    return redirect(url_for("resident.follow"), 303)


def receipt_page(receipt: Receipt, address_form: AddressForm | None = None) -> PageResponse:
    """Renders the receipt; with a refused address form, 422 and its error beside the field."""
    code, observation = receipt.code, receipt.observation
    address = f"{current_settings().base_url}{url_for('resident.follow', _external=False)}#{code}"
    page = render_template(
        "resident/receipt.html",
        code=code,
        picture=segno.make(address, error="m").svg_inline(omitsize=True, border=2),
        expectations=expectations_of(observation),
        observation=observation,
        wished_to_join=receipt.wished_to_join,
        story=stories.story_of(observation),
        # Only a phone without network reads them; the server knows the place.
        place_again={"again": "yes", **receipt.place},
        email=email_section(observation, address_form),
        ask="resident.ask_from_receipt",
        own=own_photos.own_photos_of(observation),
    )
    return page, 422 if address_form else 200


@bp.post("/signaler/encore")
@open_to_all
def report_again() -> PageResponse:
    """Begins a new observation at the place of the one that was just sent."""
    receipt = own_observation.last_receipt()
    if receipt is None:
        return redirect(url_for("resident.danger_screen"), 303)
    steps.store_draft(Draft.new(again="yes", **receipt.place))
    return redirect(url_for("resident.subject"), 303)


def expectations_of(observation: Observation) -> Expectations:
    """Returns the expectations that a received observation was sent with."""
    category, city = observation.category, territory.city_facts()
    priority = rules.priority_of(category, observation.answers, catalogue.questions_of(category))
    return expectations_for(category, observation.belongings, priority, city, at=observation.received_at)


def _review_page(draft: Draft, error: Invalid | None = None) -> PageResponse:
    chosen, city = catalogue.category_or_refuse(draft.category), territory.city_facts()
    questions, (point, name) = catalogue.questions_of(chosen), steps.point_and_name(draft)
    answers = {
        each: draft.answers[each.code] for each in questions if draft.answers.get(each.code) in each.option_codes
    }
    priority = rules.priority_of(chosen, draft.answers, questions)
    belongings = Belongings(draft.belongings or "not_asked")
    expectations = expectations_for(chosen, belongings, priority, city, at=now())
    personal_wording = _personal_wording(draft)
    page = render_template(
        "resident/review.html",
        draft=draft,
        category=chosen,
        expectations=expectations,
        place=name,
        sector=city.sector_of(point).name,
        day=steps.day_or_none(draft),
        answers=[(each.text, each.words_of(answer)) for each, answer in answers.items()],
        posts=catalogue.signposts([each.shows[answer] for each, answer in answers.items() if answer in each.shows]),
        numbers=steps.emergency_numbers_by_code(),
        warnings=sorted(set().union(*personal_wording.values())),
        personal_wording=personal_wording,
        step=steps.progress(draft, "review"),
        error=_step_and_message(error),
        takes_photos=photo_rules.photos_allowed(chosen.photo, belongings, expectations.protection),
        refused=own_photos.pop_refused_photos(),
    )
    return (page, 422) if error else page


def _personal_wording(draft: Draft) -> dict[str, set[str]]:
    """Returns the kinds of wording that could point at a person, by field: `text`, `landmark`.

    Fields without any are left out.
    """
    kinds = {name: {finding.kind.value for finding in screen(getattr(draft, name))} for name in ("text", "landmark")}
    return {name: kinds_of_field for name, kinds_of_field in kinds.items() if kinds_of_field}


def _step_and_message(error: Invalid | None) -> tuple[str, str] | None:
    """Returns the step to correct it on, and the message; None without an error."""
    if error is None:
        return None
    message = MESSAGES.get((error.field, error.reason), MESSAGES["answers", "unknown"])
    return STEP_OF.get(error.field, "danger_screen"), str(message)


def _page_to_correct(draft: Draft, error: Invalid) -> PageResponse:
    """Renders the review page with what must be corrected.

    Redirects to the step itself when there is too little for a review.
    """
    if error.reason == "emergency":
        return redirect(url_for("resident.help_now"), 303)
    try:
        return _review_page(draft, error)
    except (Invalid, NotFound, ValueError):
        draft.text = draft.text[:LONGEST_TEXT]
        steps.store_draft(draft if draft.client_id else Draft.new())
        return redirect(url_for(f"resident.{STEP_OF.get(error.field, 'danger_screen')}"), 303)
