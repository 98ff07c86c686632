"""JSON responses to a script that sends an observation: the receipt, or the error with the pages' own message."""

from collections.abc import Sequence

from flask import get_template_attribute, jsonify, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.errors import Invalid
from cohab_report.intake.models import Observation
from cohab_report.resident import own_observation
from cohab_report.resident.draft import Draft
from cohab_report.resident.forms import MESSAGES
from cohab_report.resident.steps import DANGER_PASSED_KEY, DRAFT_KEY
from cohab_report.web.languages import words
from cohab_report.web.negotiation import wants_json

DANGER_FIELD = "danger_passed"


def refuse_without_danger_screen() -> None:
    """Raises Invalid("help", "missing") unless the danger screen was passed: in this session or, as the form says, on
    the phone.

    Without scripts the session alone knows, and its own pages keep the gate.
    """
    if wants_json() and not session.get(DANGER_PASSED_KEY) and request.form.get(DANGER_FIELD) != "yes":
        raise Invalid("help", "missing")


def is_of_this_session(draft: Draft, observation: Observation) -> bool:
    """Whether the session's draft or its last sent observation is this one, and the phone is not sending an older one
    meanwhile.

    The session is a cookie: an answer that changed it then would undo what its owner answered in the meantime.
    """
    stored, receipt = session.get(DRAFT_KEY) or {}, own_observation.last_receipt()
    is_draft = stored.get("client_id") == draft.client_id
    return is_draft or (receipt is not None and receipt.observation.id == observation.id)


def receipt_response(
    observation: Observation, code: str, refused_photos: Sequence[tuple[int, str]], *, in_hand: bool
) -> Response:
    """Returns the receipt, a message for each refused photo, and the receipt's address if the session is about it."""
    words_for = get_template_attribute("resident/_photos.html", "refused_photo")
    return jsonify(
        reference=observation.reference,
        code=code,
        category=words(observation.category.name),
        received_at=observation.received_at.isoformat(),
        photos=[
            {"number": number, "text": str(words_for(number, reason)).strip()} for number, reason in refused_photos
        ],
        shown_at=url_for("resident.receipt") if in_hand else None,
    )


def refusal_response(error: Invalid) -> tuple[Response, int]:
    """Returns the error's field and message, 422. An emergency is no observation: field `help` says so."""
    if error.reason == "emergency":
        problem = {
            "field": "help",
            "text": _("Votre réponse indique une urgence : appelez maintenant. Elle n’est pas envoyée ici."),
        }
    elif error.field == "help":
        problem = {"field": "help", "text": _("Dites d’abord si une personne a besoin d’aide maintenant.")}
    else:
        problem = {
            "field": error.field,
            "text": str(MESSAGES.get((error.field, error.reason), MESSAGES["answers", "unknown"])),
        }
    return jsonify(problems=[problem]), 422
