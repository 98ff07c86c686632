"""The photos of a case: looked at, kept or rejected, by whoever may read the case. A photo says itself whether it may still be decided."""

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid
from cohab_report.intake.photos import operations
from cohab_report.intake.photos import queries as photos
from cohab_report.intake.photos.models import Photo, PhotoReason
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.triage import queries
from cohab_report.triage.door import bp
from cohab_report.web import pictures
from cohab_report.web.access import needs

ADDRESS = "/dossiers/<reference>/photos/<photo>"


@bp.get(f"{ADDRESS}/<size>")
@needs(Role.TRIAGER)
def photo(reference: str, photo: str, size: str) -> FlaskResponse:
    """A photo of the case, decided or not."""
    return pictures.shown(_of_case(reference, photo).file_of(size))


@bp.post(f"{ADDRESS}/garder")
@needs(Role.TRIAGER)
@transaction()
def approve_photo(reference: str, photo: str) -> Response:
    """The photo is kept: the partner that holds the case and its author may see it."""
    operations.approve(_of_case(reference, photo), by=current_person(), at=now())
    return _back(reference, _("La photo est gardée."))


@bp.post(f"{ADDRESS}/rejeter")
@needs(Role.TRIAGER)
@transaction()
def reject_photo(reference: str, photo: str) -> Response:
    """The photo is destroyed, for a reason that its author reads."""
    operations.reject(_of_case(reference, photo), _reason(), by=current_person(), at=now())
    return _back(reference, _("La photo est détruite."))


def _of_case(reference: str, photo: str) -> Photo:
    return photos.one_of(queries.case_or_refuse(reference).observations, photo)


def _reason() -> PhotoReason:
    try:
        return PhotoReason(request.form.get("reason", ""))
    except ValueError:
        raise Invalid("reason", "missing") from None


def _back(reference: str, said: str) -> Response:
    flash(said, "done")
    return redirect(url_for("triage.case", reference=reference, _anchor="photos"), 303)
