"""Photos that come, are replaced or go at the very moment when their neighbours are copied into a backup."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cohab_report.backup.operations import make_backup
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake.photos.models import Photo
from cohab_report.intake.photos.operations import remove_photo
from cohab_report.intake.photos.queries import all_referenced_files
from cohab_report.media import MediaStore
from tests.backup import sites
from tests.backup.sites import AT, Site, run

Act = Callable[[str], None]


class BusyStore(MediaStore):
    """A store in which somebody else acts just before or after a file is read for the backup."""

    def __init__(self, root: Path, *, before: Act | None = None, after: Act | None = None) -> None:
        super().__init__(root)
        self.before, self.after = before, after

    def get(self, name: str) -> bytes:
        if self.before is not None:
            self.before(name)
        data = super().get(name)
        if self.after is not None:
            self.after(name)
        return data


def elsewhere(app: Flask, act: Callable[[], None]) -> None:
    """Acts in another thread, with a session of its own, and waits for it."""

    def work() -> None:
        with app.app_context():
            act()
            db.session.remove()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.fixture
def restored_pictures(
    own_site: Site, empty_place: Callable[..., Flask], tmp_path: Path
) -> Callable[[BusyStore], set[str]]:
    """Returns a function that backs up with this store and restores.

    It returns the restored files' names: exactly those that the restored database refers to.
    """

    def drill(store: BusyStore) -> set[str]:
        own_site.app.extensions["media"] = store
        manifest, _size = make_backup(tmp_path / "site.tar", at=now())
        place = empty_place()
        assert run(place, "restore", str(tmp_path / "site.tar")).exit_code == 0
        with place.app_context():
            assert set(sites.all_pictures(place)) == all_referenced_files() and manifest.missing_pictures == []
            return all_referenced_files()

    return drill


def test_a_photo_that_comes_while_others_are_copied_is_in_the_backup(own_site: Site, restored_pictures) -> None:
    known, came = all_referenced_files(), list[str]()

    def receive() -> None:
        came.append(sites.add_photo(b"meanwhile").incoming_name or "")

    def before(_name: str) -> None:
        if not came:
            elsewhere(own_site.app, receive)

    store = BusyStore(own_site.app.extensions["media"].root, before=before)
    assert restored_pictures(store) == {*known, *came} and len(came) == 1


def test_a_photo_that_is_replaced_before_its_turn_is_there_as_its_successor(own_site: Site, restored_pictures) -> None:
    known, came = all_referenced_files(), list[str]()

    def receive() -> None:
        came.append(sites.add_photo(b"meanwhile").incoming_name or "")

    def replace() -> None:
        sites.attach_pictures(db.session.scalars(select(Photo).where(Photo.incoming_name == came[0])).one())

    def before(name: str) -> None:
        if not came:
            elsewhere(own_site.app, receive)
        elif name == came[0]:
            elsewhere(own_site.app, replace)

    store = BusyStore(own_site.app.extensions["media"].root, before=before)
    pictures = restored_pictures(store)
    assert came[0] not in pictures and len(pictures - known) == 2


def test_a_photo_that_its_author_removes_after_its_turn_is_not_restored(own_site: Site, restored_pictures) -> None:
    known, gone = all_referenced_files(), list[str]()

    def remove() -> None:
        with transaction():
            photo = db.session.scalars(select(Photo).where(Photo.full_name == gone[0])).one()
            gone.append(photo.small_name or "")
            remove_photo(photo, at=AT)

    def after(name: str) -> None:
        is_full = name in set(db.session.scalars(select(Photo.full_name)))
        db.session.rollback()
        if is_full and not gone:
            gone.append(name)
            elsewhere(own_site.app, remove)

    store = BusyStore(own_site.app.extensions["media"].root, after=after)
    assert restored_pictures(store) == known - set(gone) and len(gone) == 2
