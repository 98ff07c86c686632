"""A media store for each test."""

from pathlib import Path

import pytest
from flask import Flask

from cohab_report.media import MediaStore


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore | None:
    """Replaces the app's media store by an empty one."""
    if "app" not in request.fixturenames:
        return None
    app: Flask = request.getfixturevalue("app")
    empty_store = app.extensions["media"] = MediaStore(tmp_path / "media")
    return empty_store
