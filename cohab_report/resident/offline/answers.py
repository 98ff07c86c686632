"""What a program is told that sends an observation: the receipt, or what must be mended, in the words that the pages use."""

from collections.abc import Sequence

from flask import get_template_attribute, jsonify, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.errors import Invalid
from cohab_report.intake import operations
from cohab_report.intake.models import Observation
from cohab_report.resident.forms import MESSAGES
from cohab_report.resident.journey import PASSED, SENT, SKETCH
from cohab_report.resident.sketch import Sketch
from cohab_report.web.languages import words
from cohab_report.web.negotiation import wants_json

DANGER = "danger_passed"


def refuse_without_danger_screen() -> None:
    """Returns when the danger screen was passed, in this session or, says the sender, on the phone; raises Invalid("help", "missing").

    Without scripts the session alone knows, and its own pages keep the gate.
    """
    if wants_json() and not session.get(PASSED) and request.form.get(DANGER) != "yes":
        raise Invalid("help", "missing")


def is_in_hand(sketch: Sketch) -> bool:
    """Whether this session is about this observation, and not about another one while the phone sends an older one behind its back.

    The session is a cookie: an answer that changed it then would undo what its owner answered in the meantime.
    """
    known = [session.get(SKETCH), session.get(SENT)]
    return any(kept and kept.get("client_id") == sketch.client_id for kept in known)


def received(observation: Observation, refused_photos: Sequence[tuple[int, str]], *, in_hand: bool) -> Response:
    """The receipt; which photos were not taken and why, in words; where its page is, for the session that is about it."""
    words_for = get_template_attribute("resident/_photos.html", "not_taken")
    return jsonify(
        reference=observation.reference,
        code=operations.code_of(observation),
        category=words(observation.category.name),
        received_at=observation.received_at.isoformat(),
        photos=[
            {"number": number, "text": str(words_for(number, reason)).strip()} for number, reason in refused_photos
        ],
        shown_at=url_for("resident.receipt") if in_hand else None,
    )


def refused(error: Invalid) -> tuple[Response, int]:
    """What must be mended, 422. An emergency is no observation: field `help` says so."""
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
