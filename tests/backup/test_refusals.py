"""What a restore refuses before it writes anything, and what a backup refuses before it has a name."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from flask import Flask

from cohab_report import create_app
from cohab_report.backup.operations import make_backup
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.backup.sentences import SENTENCES
from cohab_report.backup.snapshots import SNAPSHOTS
from cohab_report.clock import now
from cohab_report.db import db
from tests.backup import sites
from tests.backup.sites import Site, run
from tests.backup.test_archive import rewritten
from tests.conftest import settings_for


def test_each_refusal_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Refusal)


def test_a_full_place_is_refused_and_stays_as_it_is(site: Site, backup_file: Path) -> None:
    rows, pictures = sites.all_rows(site.app), sites.all_pictures(site.app)
    refused = run(site.app, "restore", str(backup_file))
    assert refused.exit_code == 1 and "the database is not empty (" in refused.output
    assert sites.all_rows(site.app) == rows and sites.all_pictures(site.app) == pictures


def test_a_place_with_foreign_photos_is_refused(backup_file: Path, empty_place: Callable[..., Flask]) -> None:
    place = empty_place()
    place.extensions["media"].put("photos/foreign.webp", b"foreign")
    refused = run(place, "restore", str(backup_file))
    assert refused.exit_code == 1 and "the photo folder is not empty (photos/foreign.webp)" in refused.output
    place.extensions["media"].delete("photos/foreign.webp")
    assert run(place, "restore", str(backup_file)).exit_code == 0


def test_migrated_tables_without_rows_are_an_empty_place(
    site: Site, backup_file: Path, empty_place: Callable[..., Flask]
) -> None:
    place = empty_place()
    assert run(place, "db", "upgrade").exit_code == 0
    assert run(place, "restore", str(backup_file)).exit_code == 0
    assert len(sites.all_rows(place)["observation"]) == 5


def test_a_restore_that_was_stopped_among_the_photos_goes_on(
    site: Site, backup_file: Path, empty_place: Callable[..., Flask]
) -> None:
    place = empty_place()
    name, data = next(iter(sites.all_pictures(site.app).items()))
    place.extensions["media"].put(name, data[:3])
    assert run(place, "restore", str(backup_file)).exit_code == 0
    assert sites.all_pictures(place) == sites.all_pictures(site.app)


def test_a_backup_of_a_newer_version_is_refused(backup_file: Path, empty_place: Callable[..., Flask]) -> None:
    newer = rewritten(backup_file, lambda _members, manifest: manifest.update(revision="29991231_tomorrow"))
    refused = run(empty_place(), "restore", str(newer))
    assert refused.exit_code == 1 and "newer version" in refused.output and "29991231_tomorrow" in refused.output


def test_a_place_with_other_keys_is_refused_unless_somebody_insists(
    backup_file: Path, empty_place: Callable[..., Flask]
) -> None:
    place = empty_place(code_key="d" * 40, contact_key=("f" * 40,))
    refused = run(place, "restore", str(backup_file))
    assert refused.exit_code == 1 and "another code_key, contact_key" in refused.output
    assert run(place, "restore", str(backup_file), "--other-keys").exit_code == 0


def test_a_key_that_came_since_is_no_obstacle(backup_file: Path, empty_place: Callable[..., Flask]) -> None:
    place = empty_place(secret_key="n" * 40, contact_key=("n" * 41, "e" * 40))
    assert run(place, "restore", str(backup_file)).exit_code == 0


def test_a_backup_of_the_other_engine_is_refused(
    backup_file: Path, engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    admin = request.getfixturevalue("postgres_admin")
    url = admin if engine == "sqlite" else f"sqlite:///{tmp_path / 'other.db'}"
    other = create_app(settings_for(url, media_dir=str(tmp_path / "other")))
    refused = run(other, "restore", str(backup_file))
    assert refused.exit_code == 1 and "into a database of its own kind" in refused.output
    with other.app_context():
        db.engine.dispose()


def test_no_backup_is_written_over_and_none_half_written_stays(site: Site, backup_file: Path) -> None:
    before = backup_file.read_bytes()
    assert "exists: no backup is written over" in run(site.app, "backup", str(backup_file)).output
    assert backup_file.read_bytes() == before
    missing = run(site.app, "backup", str(backup_file.parent / "away" / "site.tar"))
    assert missing.exit_code == 1 and "is missing: make it, or mount its disk" in missing.output


def test_what_a_killed_backup_left_is_cleared_and_what_others_put_there_stays(site: Site, tmp_path: Path) -> None:
    work = tmp_path / "again.tar.part"
    work.mkdir()
    (work / "archive").write_bytes(b"half")
    (work / "somebody's").write_bytes(b"own")
    site.run("backup", str(tmp_path / "again.tar"))
    assert [path.name for path in work.iterdir()] == ["somebody's"]


def test_a_photo_folder_that_is_away_fails_the_backup_without_a_file(site: Site, tmp_path: Path) -> None:
    media = site.app.extensions["media"]
    home, away = media.root, media.root.with_name("unmounted")
    home.rename(away)
    refused = run(site.app, "backup", str(tmp_path / "site.tar"))
    away.rename(home)
    assert refused.exit_code == 1 and "the photo folder" in refused.output
    assert not list(tmp_path.glob("site.tar*"))


def test_a_database_without_tables_or_file_is_told(empty_place: Callable[..., Flask], engine: str, tmp_path) -> None:
    told = run(empty_place(), "backup", str(tmp_path / "nothing.tar")).output
    assert ("no database file" if engine == "sqlite" else "flask db upgrade") in told
    assert not list(tmp_path.glob("*.tar*")) and not list(tmp_path.glob("place-0/cohab.db"))


def test_a_backup_that_could_fill_the_disk_is_not_begun(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shutil.disk_usage(tmp_path)
    little = room._replace(free=500_000_000)
    monkeypatch.setattr("cohab_report.backup.operations.shutil.disk_usage", lambda _folder: little)
    site.run("backup", str(tmp_path / "site.tar"))
    scarce = room._replace(free=268_000_000)
    monkeypatch.setattr("cohab_report.backup.operations.shutil.disk_usage", lambda _folder: scarce)
    refused = run(site.app, "backup", str(tmp_path / "other.tar"))
    assert refused.exit_code == 1 and "MB are needed, 268 MB are free" in refused.output
    assert not list(tmp_path.glob("other.tar*"))


def test_a_backup_that_fails_its_own_check_gets_no_name(
    site: Site, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_it_broken(_packed: Path, _manifest: object) -> None:
        assert not (tmp_path / "site.tar").exists(), "it has its name before it was read back"
        raise BackupRefused(Refusal.BROKEN_DATABASE, "page 7")

    snapshots = SNAPSHOTS["sqlite" if engine == "sqlite" else "postgresql"]
    monkeypatch.setattr(snapshots, "check", find_it_broken)
    refused = run(site.app, "backup", str(tmp_path / "site.tar"))
    assert refused.exit_code == 1 and "its database is broken: page 7" in refused.output
    assert not list(tmp_path.glob("site.tar*"))


def always_full(_path: Path) -> BinaryIO:
    return cast(BinaryIO, Path("/dev/full").open("wb", buffering=0))


def test_a_full_disk_leaves_no_file(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "site.tar"
    monkeypatch.setattr("cohab_report.backup.archive.writing.open_private", always_full)
    with pytest.raises(BackupRefused) as refused:
        make_backup(target, at=now())
    assert refused.value.reason is Refusal.DISK and not list(tmp_path.glob("site.tar*"))
