"""What the residents' scripts read beside the pages: patterns and places as JSON, the same for everybody."""

from typing import Any

from flask import Response, json, request

from cohab_report.intake.wording.portable import portable
from cohab_report.resident.door import bp
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import kept_briefly


@bp.get("/signaler/mots.json")
@open_to_all
@kept_briefly
def wording() -> Response:
    """The wording check's patterns, so that a text is checked on the phone that it is typed on and sent nowhere."""
    return _unless_known(portable())


def _unless_known(found: Any) -> Response:
    """The answer as JSON, or only that it still holds when the browser already has it."""
    answer = Response(json.dumps(found, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
    answer.add_etag()
    answer.make_conditional(request)
    return answer
