"""The wording patterns for the residents' scripts, the same for everybody."""

from flask import Response

from cohab_report.intake.wording.javascript import javascript_patterns
from cohab_report.resident.blueprint import bp
from cohab_report.resident.json_response import json_response
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import cacheable


@bp.get("/signaler/mots.json")
@open_to_all
@cacheable
def wording() -> Response:
    """Returns the wording check's patterns as JSON, so that a text is checked on the phone that it is typed on and sent
    nowhere.
    """
    return json_response(javascript_patterns())
