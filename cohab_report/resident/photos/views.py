"""Photos after the sending: more of them within a day, looking at one's own, taking one back, and forms that were too large."""

from flask import Response as FlaskResponse
from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import NotThere
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations, queries
from cohab_report.resident import journey
from cohab_report.resident.door import bp
from cohab_report.resident.following import views as follow_views
from cohab_report.resident.journey import FOLLOWED
from cohab_report.resident.photos import own as own_photos
from cohab_report.web import pictures, throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.configuration import takes_up_to
from cohab_report.web.errors import of_http

PAGES = ("receipt", "follow")
"""The two pages that show one's own photos, each for the observation that it is about."""
MINE = "/suivi/photos/<photo>"


@bp.post("/suivi/photos")
@throttle.photos
@takes_up_to(own_photos.LARGEST_FORM)
@open_to_all
def add_photos() -> Response:
    """The photos are among those of the observation, and the page that they were sent from says which were not taken."""
    refused = own_photos.take_in(_of(_page()))
    own_photos.tell_later(refused)
    if not refused and any(file.filename for file in request.files.getlist(own_photos.FIELD)):
        flash(_("Vos photos sont arrivées. Une personne de l’équipe les regardera."), "done")
    return redirect(url_for(f"resident.{_page()}"), 303)


@bp.post(f"{MINE}/retirer")
@open_to_all
@transaction()
def remove_photo(photo: str) -> Response:
    """The author's photo is destroyed."""
    operations.remove(queries.one_of([_of(_page())], photo), at=now())
    flash(_("La photo est détruite."), "done")
    return redirect(url_for(f"resident.{_page()}"), 303)


@bp.get(f"{MINE}/<size>")
@open_to_all
def photo(photo: str, size: str) -> FlaskResponse:
    """The author's photo, once triage has let it be seen."""
    mine = queries.one_of([follow_views.followed()], photo)
    if not mine.is_approved:
        raise NotThere
    return pictures.shown(mine.file_of(size))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The page that the photos were sent from, which says so and has lost nothing that was typed.

    Another form, and a client that doesn't read pages, have the usual answer.
    """
    reads_pages = request.accept_mimetypes.best_match(["text/html", "application/json"]) != "application/json"
    if request.endpoint not in ("resident.send", "resident.add_photos") or not reads_pages:
        return of_http(error)
    own_photos.tell_later([(0, "too_large_together")])
    if request.endpoint == "resident.send":
        return redirect(url_for("resident.review"), 303)
    return redirect(url_for("resident.follow" if FOLLOWED in session else "resident.receipt"), 303)


def _page() -> str:
    return "receipt" if request.form.get("page") == "receipt" else "follow"


def _of(page: str) -> Observation:
    found = journey.just_sent() if page == "receipt" else follow_views.followed()
    if found is None:
        raise NotThere
    return found
