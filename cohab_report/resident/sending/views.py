"""Review, sending and receipt: what would be sent and who would see it, then the code that opens it again."""

import segno
from flask import redirect, render_template, request, session, url_for

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotThere
from cohab_report.intake import operations, queries, rules
from cohab_report.intake.models import LONGEST_TEXT, Belongings, Observation
from cohab_report.intake.photos import rules as photo_rules
from cohab_report.intake.wording import screen
from cohab_report.resident import journey
from cohab_report.resident.door import bp
from cohab_report.resident.forms import MESSAGES, STEP_OF
from cohab_report.resident.journey import FOLLOWED, SENT, SKETCH, Answer, after_danger
from cohab_report.resident.letters.forms import AddressForm
from cohab_report.resident.letters.standing import standing_of
from cohab_report.resident.offline import answers
from cohab_report.resident.photos import own as own_photos
from cohab_report.resident.sending.outlook import Outlook, outlook
from cohab_report.resident.sketch import WHERE, Sketch
from cohab_report.territory import queries as territory
from cohab_report.web import throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.configuration import settings, takes_up_to
from cohab_report.web.languages import current_language
from cohab_report.web.negotiation import wants_json


@bp.get("/signaler/verifier")
@open_to_all
@after_danger
def review() -> Answer:
    """All that would be sent, and who would see it."""
    sketch = journey.sketch()
    try:
        return journey.too_early(sketch, "review") or _review(sketch)
    except Invalid as error:
        return redirect(url_for(f"resident.{STEP_OF.get(error.field, 'start')}"), 303)


@bp.post("/signaler/envoyer")
@throttle.observations
@takes_up_to(own_photos.LARGEST_FORM)
@open_to_all
def send() -> Answer:
    """The observation is received, once however often it is sent, and its receipt is shown."""
    sketch = Sketch.posted(request.form)
    try:
        answers.refuse_without_danger_screen()
        draft = sketch.to_draft(territory.ground(), language=current_language())
        with transaction():
            observation = operations.receive(draft, at=now(), network=throttle.network())
    except Invalid as error:
        return answers.refused(error) if wants_json() else _mend(sketch, error)
    refused_photos = own_photos.take_in(observation)
    if wants_json() and not answers.is_in_hand(sketch):
        return answers.received(observation, refused_photos, in_hand=False)
    session.pop(SKETCH, None)
    # The receipt leads to the new one's story: whatever was followed before must not stand in its place.
    session.pop(FOLLOWED, None)
    session[SENT] = {name: getattr(sketch, name) for name in ("client_id", "joins", *WHERE)}
    if wants_json():
        return answers.received(observation, refused_photos, in_hand=True)
    own_photos.tell_later(refused_photos)
    return redirect(url_for("resident.receipt"), 303)


@bp.get("/recu")
@open_to_all
def receipt() -> Answer:
    """The follow-up code of what was just sent from this browser, and what happens next."""
    observation = journey.just_sent()
    return redirect(url_for("resident.follow"), 303) if observation is None else receipt_page(observation)


def receipt_page(observation: Observation, address_form: AddressForm | None = None) -> Answer:
    """The receipt; with a form that was refused it says so beside its field."""
    code = operations.code_of(observation)
    address = f"{settings().base_url}{url_for('resident.follow', _external=False)}#{code}"
    picture = segno.make(address, error="m").svg_inline(omitsize=True, border=2)
    shown = {"code": code, "picture": picture, "ahead": ahead_of(observation), "observation": observation}
    sent = Sketch.kept(session.get(SENT))
    shown |= {"wished_to_join": sent.says_the_same, "is_joined": queries.is_joined(observation)}
    # Only a phone without network reads them; the session knows the place.
    shown |= {"place_again": {"again": "yes", **{name: getattr(sent, name) for name in WHERE}}}
    shown |= {
        "email": standing_of(observation, address_form),
        "ask": "resident.ask_from_receipt",
        "own": own_photos.shown(observation),
    }
    return render_template("resident/receipt.html", **shown), 422 if address_form else 200


@bp.post("/signaler/encore")
@open_to_all
def again() -> Answer:
    """A new observation is begun at the place of the one that was just sent."""
    before = Sketch.kept(session.get(SENT))
    session[SKETCH] = Sketch.begun(again="yes", **{name: getattr(before, name) for name in WHERE}).to_keep()
    return redirect(url_for("resident.subject"), 303)


def ahead_of(observation: Observation) -> Outlook:
    """What was promised of an observation when it was received."""
    category, ground = observation.category, territory.ground()
    priority = rules.priority_of(category, observation.answers, catalogue.questions_of(category))
    point = observation.exact_point or ground.centre
    return outlook(category, observation.belongings, point, priority, ground, at=observation.received_at)


def _review(sketch: Sketch, error: Invalid | None = None) -> Answer:
    chosen, ground = catalogue.category_or_refuse(sketch.category), territory.ground()
    asked, (point, name) = catalogue.questions_of(chosen), journey.where(sketch)
    given = {each: sketch.answers[each.code] for each in asked if sketch.answers.get(each.code) in each.option_codes}
    priority = rules.priority_of(chosen, sketch.answers, asked)
    belongings = Belongings(sketch.belongings or "not_asked")
    ahead, warned = outlook(chosen, belongings, point, priority, ground, at=now()), _warned(sketch)
    page = render_template(
        "resident/review.html", sketch=sketch, category=chosen, ahead=ahead, place=name, sector=ground.sector_of(point).name,
        day=journey.day_of(sketch), said=[(each.text, each.words_of(answer)) for each, answer in given.items()],
        posts=catalogue.signposts([each.shows[answer] for each, answer in given.items() if answer in each.shows]),
        numbers=journey.numbers(), warnings=sorted(set().union(*warned.values())), warned=warned,
        step=journey.progress(sketch, "review"), wrong=_wrong(error),
        takes_photos=photo_rules.are_welcome(chosen.photo, belongings, ahead.protection), refused=own_photos.just_refused(),
    )  # fmt: skip
    return (page, 422) if error else page


def _warned(sketch: Sketch) -> dict[str, set[str]]:
    """The kinds of what could point at a person, by where it was typed: in the text, or beside the place."""
    found = {name: {finding.kind.value for finding in screen(getattr(sketch, name))} for name in ("text", "landmark")}
    return {name: kinds for name, kinds in found.items() if kinds}


def _wrong(error: Invalid | None) -> tuple[str, str] | None:
    """The page to mend it on, and what to say."""
    if error is None:
        return None
    return STEP_OF.get(error.field, "start"), str(
        MESSAGES.get((error.field, error.reason), MESSAGES["answers", "unknown"])
    )


def _mend(sketch: Sketch, error: Invalid) -> Answer:
    """The review page again, saying what must be mended; the page of the trouble itself when there is too little for a review."""
    if error.reason == "emergency":
        return redirect(url_for("resident.help_now"), 303)
    try:
        return _review(sketch, error)
    except (Invalid, NotThere, ValueError):
        sketch.text = sketch.text[:LONGEST_TEXT]
        session[SKETCH] = (sketch if sketch.client_id else Sketch.begun()).to_keep()
        return redirect(url_for(f"resident.{STEP_OF.get(error.field, 'start')}"), 303)
