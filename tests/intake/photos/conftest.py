"""A store of one's own for each story, and a photo on its way."""

from pathlib import Path

import pytest
from flask import Flask

from cohab_report.media import Media


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Media | None:
    """The app's store is empty, and no other story's."""
    if "app" not in request.fixturenames:
        return None
    app: Flask = request.getfixturevalue("app")
    own = app.extensions["media"] = Media(tmp_path / "media")
    return own
