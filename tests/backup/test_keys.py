"""The keys: in a backup only if somebody asks, then encrypted, and taken out again on a machine without settings."""

import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from cohab_report.backup.archive.manifest import KEYS_NAME
from cohab_report.settings import current_settings
from deploy.instance import ROOT, prepare_instance
from deploy.restore_keys import main
from tests.backup.sites import Site, run

PASSPHRASE = "quatre saules au bord du quai"


@pytest.fixture(scope="module", params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """Keys stand beside the database, whichever it is."""
    return str(request.param)


@pytest.fixture(scope="module")
def passphrase_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("passphrase") / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    return file


@pytest.fixture(scope="module")
def file_with_keys(site: Site, passphrase_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("with_keys") / "site.tar"
    told = site.run("backup", str(file), "--with-keys", "--passphrase-file", str(passphrase_file)).output
    assert "The keys are in it, encrypted" in told and PASSPHRASE not in told
    return file


def key_texts(app: Flask) -> list[str]:
    settings = current_settings(app)
    return [settings.secret_key, settings.code_key, *settings.contact_key]


def restore_keys(*arguments: object) -> int:
    """Runs the command in this process."""
    return main([str(argument) for argument in arguments])


def test_the_keys_are_taken_out_on_a_machine_that_has_no_settings_at_all(
    file_with_keys: Path, passphrase_file: Path, tmp_path: Path
) -> None:
    words = [file_with_keys, tmp_path / "secrets", "--passphrase-file", passphrase_file]
    command = [sys.executable, "-m", "deploy.restore_keys", *map(str, words)]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "secret_key, code_key, contact_key written into" in done.stdout, done.stderr


def test_no_byte_of_a_key_is_in_a_backup(backup_file: Path, file_with_keys: Path, site: Site) -> None:
    for key in key_texts(site.app):
        assert key.encode() not in backup_file.read_bytes()
        assert key.encode() not in file_with_keys.read_bytes()
    with tarfile.open(backup_file) as plain, tarfile.open(file_with_keys) as with_keys:
        assert KEYS_NAME not in plain.getnames() and KEYS_NAME in with_keys.getnames()


def test_the_keys_come_back_as_the_files_that_a_new_machine_reads(
    file_with_keys: Path, passphrase_file: Path, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "instance" / "secrets"
    assert restore_keys(file_with_keys, folder, "--passphrase-file", passphrase_file) == 0
    prepare_instance(tmp_path / "instance")
    texts = {name: (folder / name).read_text().strip() for name in ("secret_key", "code_key", "contact_key")}
    assert list(texts.values()) == key_texts(site.app)
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in texts} == {0o600}
    assert restore_keys(file_with_keys, folder, "--passphrase-file", passphrase_file) == 1
    assert "no key is written over" in capsys.readouterr().err


def test_another_passphrase_opens_nothing(
    file_with_keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").write_text("quatre saules au bord du lac")
    assert restore_keys(file_with_keys, tmp_path / "secrets", "--passphrase-file", tmp_path / "other") == 1
    assert "can't be read with this passphrase" in capsys.readouterr().err
    assert not (tmp_path / "secrets").exists()


def test_a_backup_without_keys_says_so(
    backup_file: Path, passphrase_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore_keys(backup_file, tmp_path / "secrets", "--passphrase-file", passphrase_file) == 1
    assert "made without --with-keys" in capsys.readouterr().err


def test_a_passphrase_is_asked_for_twice_and_a_short_one_refused(site: Site, tmp_path: Path) -> None:
    short = run(site.app, "backup", str(tmp_path / "a.tar"), "--with-keys", answers="court\ncourt\n")
    assert short.exit_code == 1 and "at least 16 characters" in short.output
    assert not list(tmp_path.glob("a.tar*"))
    asked = run(site.app, "backup", str(tmp_path / "a.tar"), "--with-keys", answers=f"{PASSPHRASE}\n" * 2)
    assert asked.exit_code == 0 and PASSPHRASE not in asked.output


def test_a_backup_with_keys_is_restored_like_any_other(file_with_keys: Path, empty_place: Callable[..., Flask]) -> None:
    assert run(empty_place(), "restore", str(file_with_keys)).exit_code == 0
