"""Photos after the sending: adding some within a day, showing one's own, removing one, and forms that are too large."""

from flask import Response as FlaskResponse
from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import NotFound
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations, queries
from cohab_report.intake.stories.queries import story_of
from cohab_report.resident import own_observation
from cohab_report.resident.blueprint import bp
from cohab_report.resident.own_observation import FOLLOWED_KEY
from cohab_report.resident.photos import own_photos
from cohab_report.web import pictures, throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.configuration import allow_request_size
from cohab_report.web.errors import http_error_response
from cohab_report.web.sent_values import FieldsTooLarge

OWN_PHOTO_PATH = "/suivi/photos/<photo>"


@bp.post("/suivi/photos")
@throttle.limit_photos
@allow_request_size(own_photos.LARGEST_FORM)
@open_to_all
def add_photos() -> Response:
    """Adds photos to the observation; redirects to the page that they were sent from, which says which were refused."""
    refused = own_photos.receive_form_photos(_observation_of_page(_page_of_form()))
    own_photos.show_on_next_page(refused)
    if not refused and any(file.filename for file in request.files.getlist(own_photos.PHOTOS_FIELD)):
        flash(_("Vos photos sont arrivées. Une personne de l’équipe les regardera."), "done")
    return redirect(url_for(f"resident.{_page_of_form()}"), 303)


@bp.post(f"{OWN_PHOTO_PATH}/retirer")
@open_to_all
@transaction()
def remove_photo(photo: str) -> Response:
    """Destroys the author's photo."""
    operations.remove_photo(queries.photo_or_refuse([_observation_of_page(_page_of_form())], photo), at=now())
    flash(_("La photo est détruite."), "done")
    return redirect(url_for(f"resident.{_page_of_form()}"), 303)


@bp.get(f"{OWN_PHOTO_PATH}/<size>")
@open_to_all
def own_photo(photo: str, size: str) -> FlaskResponse:
    """Returns the author's photo as WebP; raises NotFound before triage has approved it, and for who shares a case."""
    observation = own_observation.followed_observation()
    own = queries.photo_or_refuse([observation], photo)
    if not own.is_approved or story_of(observation).shares_a_case:
        raise NotFound
    return pictures.picture_response(own.file_of(size))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Redirects a form with too large photos to the page that it was sent from, which says so; nothing typed is lost.

    Another form, and a client that doesn't read pages, get the usual error.
    """
    reads_pages = request.accept_mimetypes.best_match(["text/html", "application/json"]) != "application/json"
    has_photos = request.mimetype == "multipart/form-data" and not isinstance(error, FieldsTooLarge)
    if not has_photos or request.endpoint not in ("resident.send", "resident.add_photos") or not reads_pages:
        return http_error_response(error)
    own_photos.show_on_next_page([(0, "too_large_together")])
    if request.endpoint == "resident.send":
        return redirect(url_for("resident.review"), 303)
    return redirect(url_for("resident.follow" if FOLLOWED_KEY in session else "resident.receipt"), 303)


def _page_of_form() -> str:
    return "receipt" if request.form.get("page") == "receipt" else "follow"


def _observation_of_page(page: str) -> Observation:
    if page != "receipt":
        return own_observation.followed_observation()
    receipt = own_observation.last_receipt()
    if receipt is None:
        raise NotFound
    return receipt.observation
