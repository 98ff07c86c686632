"""Responses with a stored photo. Whether the caller may see it is checked before, by the view."""

from flask.wrappers import Response

from cohab_report import media
from cohab_report.errors import NotFound


def picture_response(name: str | None) -> Response:
    """Returns the WebP image of this name in the store, as a response that browsers do not cache; raises NotFound."""
    if name is None:
        raise NotFound
    return Response(media.media_store().get(name), mimetype="image/webp", headers={"Content-Disposition": "inline"})
