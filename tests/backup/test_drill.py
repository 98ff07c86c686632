"""The drill: a site is backed up while people write, restored into an empty place, and goes on there as it was."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import select

from cohab_report.backup.operations import check_backup
from cohab_report.db import db, transaction
from cohab_report.intake.models import Observation
from cohab_report.intake.photos.models import Photo
from cohab_report.intake.photos.operations import remove_photo
from cohab_report.intake.photos.queries import all_referenced_files
from cohab_report.triage.models import CaseObservation
from tests import factories
from tests.backup import sites
from tests.backup.sites import AT, Site, run


def opens_all(app: Flask, site: Site) -> bool:
    """Whether each follow-up code of the site opens its observation in this app."""
    app.config["WTF_CSRF_ENABLED"] = False
    for code, reference in site.codes.items():
        answer = app.test_client().post("/suivi", data={"code": code}, follow_redirects=True)
        if answer.status_code != 200 or f"<h1>Observation {reference}</h1>" not in answer.text:
            return False
    return len(site.codes) == 3


def test_a_restored_site_is_the_same_byte_for_byte_and_goes_on(
    site: Site, empty_place: Callable[..., Flask], tmp_path
) -> None:
    rows, pictures = sites.all_rows(site.app), sites.all_pictures(site.app)
    assert len(rows["observation"]) == 5 and len(pictures) == 3
    told = site.run("backup", str(tmp_path / "site.tar")).output
    assert "3 photo files, checked" in told and "keys are not in it" in told
    place = empty_place()
    restored = run(place, "restore", str(tmp_path / "site.tar"))
    assert restored.exit_code == 0, restored.output
    assert "3 photo files restored" in restored.output and "migrated" not in restored.output
    assert sites.all_rows(place) == rows
    assert sites.all_pictures(place) == pictures
    ready = place.test_client().get("/readyz").get_json()["parts"]
    assert (ready["database"], ready["schema"], ready["profile"], ready["photos"]) == ("ok",) * 4
    assert opens_all(place, site)
    with place.app_context(), transaction():
        newest = max(db.session.scalars(select(Observation.id)))
        assert factories.observation().id > newest, "sequences go on where they were"


def test_a_backup_while_people_write_is_one_state_with_all_its_photos(
    own_site: Site, empty_place: Callable[..., Flask], tmp_path
) -> None:
    file = tmp_path / "busy.tar"
    with writers(own_site.app) as written:
        own_site.run("backup", str(file))
    assert written(), "nobody wrote while the backup was made"
    manifest = check_backup(file)
    place = empty_place()
    assert run(place, "restore", str(file)).exit_code == 0
    with place.app_context():
        numbers = set(db.session.scalars(select(Observation.id)))
        assert numbers == set(db.session.scalars(select(CaseObservation.observation_id)))
        assert manifest.rows["observation"] == len(numbers)
        referenced = all_referenced_files()
    assert referenced == set(sites.all_pictures(place)) and manifest.missing_pictures == []
    assert opens_all(place, own_site)


def test_a_photo_that_was_lost_before_is_named_and_stops_nothing(
    own_site: Site, empty_place: Callable[..., Flask], tmp_path
) -> None:
    lost = next(iter(all_referenced_files()))
    own_site.app.extensions["media"].delete(lost)
    told = own_site.run("backup", str(tmp_path / "site.tar")).output
    assert f"missing before: {lost}" in told and "2 photo files" in told
    assert f"not in the backup: {lost}" in run(empty_place(), "restore", str(tmp_path / "site.tar")).output


def test_a_backup_of_an_older_schema_is_migrated_by_restoring_it(
    own_site: Site, empty_place: Callable[..., Flask], tmp_path
) -> None:
    head = own_site.run("db", "current").output
    own_site.run("db", "downgrade")
    told = own_site.run("backup", str(tmp_path / "older.tar")).output
    assert "checked" in told
    place = empty_place()
    restored = run(place, "restore", str(tmp_path / "older.tar"))
    assert restored.exit_code == 0 and "the database was migrated from" in restored.output
    assert run(place, "db", "current").output == head
    assert opens_all(place, own_site)


@contextmanager
def writers(app: Flask) -> Iterator[Callable[[], int]]:
    """Lets two people send observations and photos, replace and remove them, until the block ends.

    Yields a function that returns how many rounds they made in it.
    """
    stopped, rounds, failures = threading.Event(), [0, 0], []

    def write(number: int) -> None:
        with app.app_context():
            try:
                while not stopped.is_set():
                    photo = sites.add_photo(f"{number} {rounds[number]}".encode())
                    sites.attach_pictures(photo)
                    with transaction():
                        removed = db.session.scalars(select(Photo).where(Photo.full_name.is_not(None))).first()
                        if removed is not None and rounds[number] % 2:
                            remove_photo(removed, at=AT)
                    rounds[number] += 1
            except Exception as error:  # noqa: BLE001 (told below, in the test's own thread)
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    before = sum(rounds)
    try:
        yield lambda: sum(rounds) - before
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    assert failures == []
