"""A site that is backed up in tests: how it is filled by its own operations, and all that it stores."""

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from click.testing import Result
from flask import Flask
from PIL import Image
from sqlalchemy import text

from cohab_report import media
from cohab_report.db import db, transaction
from cohab_report.intake import operations as intake
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import Photo
from cohab_report.media import MediaStore
from cohab_report.triage import operations as triage
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.cast import Cast

AT = factories.MONDAY


@dataclass
class Site:
    """A running site: its app, and the reference of each observation by its follow-up code."""

    app: Flask
    codes: dict[str, str]

    def run(self, *arguments: str, answers: str = "") -> Result:
        """Runs a flask command on the site, which must succeed."""
        result = run(self.app, *arguments, answers=answers)
        assert result.exit_code == 0, result.output
        return result


def run(app: Flask, *arguments: str, answers: str = "") -> Result:
    """Runs a flask command."""
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(arguments), input=answers or None)


def fill(cast: Cast) -> dict[str, str]:
    """Receives observations, with words, photos and a withdrawal; returns references by follow-up code."""
    with transaction():
        done = factories.accepted_case(cast.ana)
        triage.close(done, ClosingReason.DONE, by=cast.ana, at=AT + timedelta(days=1))
        seen = factories.observation(text="Près du banc, « deux sacs » — déjà là hier.")
        withdrawn = factories.observation(text="Une phrase reprise.")
        intake.withdraw(withdrawn, at=AT)
    pictured = add_photo(b"first")
    attach_pictures(pictured)
    add_photo(b"second")
    with transaction():
        followed = (done.observations[0], seen, pictured.observation)
        return {factories.code_of(each): each.reference for each in followed}


def add_photo(mark: bytes) -> Photo:
    """Receives an observation with a photo that waits to be re-encoded."""
    with transaction():
        observation = factories.observation("DECHET-1")
    original = photos.store_original(observation, small_jpeg(mark))
    with transaction():
        return photos.receive_photo(observation, original, at=AT)


def attach_pictures(photo: Photo) -> None:
    """Replaces the original by two pictures, as a worker does."""
    store: MediaStore = media.media_store()
    names = [media.random_name(photos.PICTURES, ".webp") for _ in range(2)]
    for name in names:
        store.put(name, f"picture {name}".encode())
    with transaction():
        photos.attach_pictures(db.session.merge(photo), names[0], names[1], width=40, height=30)


def small_jpeg(mark: bytes) -> bytes:
    """Returns a JPEG that differs by its mark."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (len(mark) * 9 % 255, mark[0], 7)).save(file, "JPEG", comment=mark)
    return file.getvalue()


def all_rows(app: Flask) -> dict[str, list[Any]]:
    """Returns every row of every table as the database itself writes it, in a fixed order."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = {name: _sqlite_rows(connection, name) for name in [*db.metadata.tables, "alembic_version"]}
        else:
            query = 'SELECT t::text FROM "{}" t ORDER BY 1'
            names = [*db.metadata.tables, "alembic_version"]
            rows = {name: list(connection.execute(text(query.format(name))).scalars()) for name in names}
    return rows


def _sqlite_rows(connection: Any, name: str) -> list[Any]:
    raw = connection.connection.driver_connection
    return sorted(raw.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)


def all_pictures(app: Flask) -> dict[str, bytes]:
    """Returns the bytes of every stored photo file by its name."""
    store: MediaStore = app.extensions["media"]
    return {name: store.get(name) for name in store.file_names()}
