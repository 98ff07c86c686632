"""What the residents' scripts read beside the pages, the same for everybody."""

from flask import Response

from cohab_report.intake.wording.portable import portable
from cohab_report.resident.answers import as_json
from cohab_report.resident.door import bp
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import kept_briefly


@bp.get("/signaler/mots.json")
@open_to_all
@kept_briefly
def wording() -> Response:
    """The wording check's patterns, so that a text is checked on the phone that it is typed on and sent nowhere."""
    return as_json(portable())
