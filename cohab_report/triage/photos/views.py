"""The photos of a case: shown, approved or rejected by whoever may read the case.

The operations refuse a second decision.
"""

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake.photos import operations
from cohab_report.intake.photos import queries as photos
from cohab_report.intake.photos.models import Photo, PhotoReason
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.triage import queries
from cohab_report.triage.blueprint import bp
from cohab_report.triage.models import CaseState
from cohab_report.web import pictures
from cohab_report.web.access import needs

PHOTO_ADDRESS = "/dossiers/<reference>/photos/<photo>"


@bp.get(f"{PHOTO_ADDRESS}/<size>")
@needs(Role.TRIAGER)
def case_photo(reference: str, photo: str, size: str) -> FlaskResponse:
    """Sends the image of a photo of the case, decided or not."""
    return pictures.picture_response(_photo_of_case(reference, photo).file_of(size))


@bp.post(f"{PHOTO_ADDRESS}/garder")
@needs(Role.TRIAGER)
@transaction()
def approve_photo(reference: str, photo: str) -> Response:
    """Approves the photo: its author and the partner that holds the case may see it."""
    operations.approve_photo(_photo_to_decide(reference, photo), by=current_person(), at=now())
    return _redirect_to_photos(reference, _("La photo est gardée."))


@bp.post(f"{PHOTO_ADDRESS}/rejeter")
@needs(Role.TRIAGER)
@transaction()
def reject_photo(reference: str, photo: str) -> Response:
    """Rejects and destroys the photo, for a reason that its author reads."""
    operations.reject_photo(_photo_to_decide(reference, photo), _rejection_reason(), by=current_person(), at=now())
    return _redirect_to_photos(reference, _("La photo est détruite."))


def _photo_of_case(reference: str, photo: str) -> Photo:
    return photos.photo_or_refuse(queries.case_or_refuse(reference).observations, photo)


def _photo_to_decide(reference: str, photo: str) -> Photo:
    """Returns the photo; raises NotFound, or MoveRefused when its case was merged, so that another one has it now."""
    case = queries.case_or_refuse(reference)
    if case.state is CaseState.MERGED:
        raise MoveRefused("case", case.state.value, "photo", "over")
    return photos.photo_or_refuse(case.observations, photo)


def _rejection_reason() -> PhotoReason:
    try:
        return PhotoReason(request.form.get("reason", ""))
    except ValueError:
        raise Invalid("reason", "missing") from None


def _redirect_to_photos(reference: str, message: str) -> Response:
    flash(message, "done")
    return redirect(url_for("triage.case", reference=reference, _anchor="photos"), 303)
