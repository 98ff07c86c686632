"""How a stored picture is answered: as what it is and nothing else. Who may see it is asked before, by the view."""

from flask.wrappers import Response

from cohab_report import media
from cohab_report.errors import NotThere


def shown(name: str | None) -> Response:
    """The picture of this name in the store, never kept by a browser (the rule of all pages); raises NotThere."""
    if name is None:
        raise NotThere
    return Response(media.store().get(name), mimetype="image/webp", headers={"Content-Disposition": "inline"})
