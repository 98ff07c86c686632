"""The file of a backup: no byte of it can change, no part can be missing or more, and none leads out of its folder."""

import gzip
import hashlib
import io
import json
import random
import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cohab_report.backup.archive.manifest import MANIFEST_NAME, TRAILER_SIZE
from cohab_report.backup.operations import check_backup
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.backup.snapshots.postgres_programs import run_program
from tests.backup.sites import Site, run

Rewrite = Callable[[list[tuple[tarfile.TarInfo, bytes]], dict[str, Any]], None]


def refusal(path: Path) -> Refusal:
    """Returns the reason for which this backup is refused."""
    with pytest.raises(BackupRefused) as refused:
        check_backup(path)
    return refused.value.reason


def rewritten(source: Path, change: Rewrite) -> Path:
    """Returns a copy of the archive with other members or another manifest, and the hash of the whole made right."""
    with tarfile.open(source) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    _, manifest_text = members.pop()
    manifest = json.loads(manifest_text)
    change(members, manifest)
    target, body = source.with_name("rewritten.tar"), io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as tar:
        for info, data in [*members, (tarfile.TarInfo(MANIFEST_NAME), json.dumps(manifest).encode())]:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    sha256 = hashlib.sha256(body.getvalue()).hexdigest()
    target.write_bytes(body.getvalue() + b"cohab-report backup sha256 " + sha256.encode() + b"\n")
    return target


def member(name: str, **attributes: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def test_only_its_owner_reads_a_backup_and_nothing_else_is_left_beside_it(backup_file: Path, site: Site) -> None:
    assert stat.S_IMODE(backup_file.stat().st_mode) == 0o600
    assert [path.name for path in backup_file.parent.iterdir() if path.name.startswith("site")] == ["site.tar"]
    assert "whole" in site.run("check-backup", str(backup_file)).output
    with tarfile.open(backup_file) as tar:
        assert {name.split("/")[0].split(".")[0] for name in tar.getnames()} == {"database", "pictures", "manifest"}


def test_what_was_withdrawn_before_is_in_no_byte_of_a_backup_and_what_stands_is(backup_file: Path, engine: str) -> None:
    with tarfile.open(backup_file) as tar:
        (packed,) = [tar.extractfile(info).read() for info in tar if info.name.startswith("database")]  # type: ignore[union-attr]
    if engine == "sqlite":
        data = gzip.decompress(packed)
    else:
        plain = ["--file=-", str(backup_file.with_name("dump"))]
        backup_file.with_name("dump").write_bytes(packed)
        data = run_program("pg_restore", plain).encode()
    assert "« deux sacs »".encode() in data and b"Une phrase reprise" not in data


def test_a_rewritten_archive_with_nothing_changed_is_believed(backup_file: Path) -> None:
    assert check_backup(rewritten(backup_file, lambda members, manifest: None)).rows["observation"] == 5


def changed_places(data: bytes) -> Iterator[int]:
    """Returns places all over the file: headers, padding, members, the manifest, and each byte of its end."""
    yield from range(0, 600, 37)
    yield from range(len(data) - TRAILER_SIZE - 3, len(data))
    draw = random.Random(7)
    yield from (draw.randrange(len(data)) for _ in range(60))


def test_one_byte_that_changed_anywhere_is_told(backup_file: Path) -> None:
    data, changed = backup_file.read_bytes(), backup_file.with_name("changed.tar")
    for place in changed_places(data):
        for bit in (1, 32):
            changed.write_bytes(data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :])
            assert refusal(changed) in {Refusal.ALTERED, Refusal.NOT_A_BACKUP}, place


def test_a_part_of_a_backup_is_none(backup_file: Path) -> None:
    data, part = backup_file.read_bytes(), backup_file.with_name("part.tar")
    for size in (0, 1, TRAILER_SIZE, 512, 10240, len(data) // 2, len(data) - TRAILER_SIZE, len(data) - 1):
        part.write_bytes(data[:size])
        assert refusal(part) is Refusal.NOT_A_BACKUP, size
    part.write_bytes(data + b"\n")
    assert refusal(part) is Refusal.NOT_A_BACKUP
    part.unlink()
    assert refusal(part) is Refusal.NO_FILE


def without_a_picture(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
    members.remove(next(each for each in members if each[0].name.startswith("pictures/")))


def with_one_more(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
    members.append((member("pictures/photos/more.webp"), b"more"))


def with_another_picture(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
    number = next(number for number, each in enumerate(members) if each[0].name.startswith("pictures/"))
    members[number] = (members[number][0], b"another")


def without_the_database(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
    members[:] = [each for each in members if not each[0].name.startswith("database")]
    manifest["members"] = [each for each in manifest["members"] if not each["name"].startswith("database")]


@pytest.mark.parametrize("change", [without_a_picture, with_one_more, with_another_picture, without_the_database])
def test_a_member_that_is_missing_or_more_or_another_is_told(backup_file: Path, change: Rewrite) -> None:
    assert refusal(rewritten(backup_file, change)) is Refusal.OTHER_MEMBERS


@pytest.mark.parametrize(
    "stranger",
    [
        member("../outside"),
        member("/etc/cron.d/outside"),
        member("pictures/../../outside.webp"),
        member("pictures/photos/a.webp", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("pictures/photos/a.webp", type=tarfile.LNKTYPE, linkname="manifest.json"),
        member("pictures/photos", type=tarfile.DIRTYPE),
        member("pictures/photos/a.webp", type=tarfile.FIFOTYPE),
        member("pictures/photos/a.webp", type=tarfile.CHRTYPE),
        member("notes.txt"),
    ],
    ids=lambda info: f"{info.name}-{info.type.decode()}",
)
def test_nothing_leads_out_of_its_folder_and_no_link_is_followed(
    backup_file: Path, empty_place: Callable[..., Flask], stranger: tarfile.TarInfo
) -> None:
    changed = rewritten(backup_file, lambda members, manifest: members.append((stranger, b"")))
    assert refusal(changed) is Refusal.UNEXPECTED_MEMBER
    place = empty_place()
    assert "no backup holds" in run(place, "restore", str(changed)).output
    assert list(place.extensions["media"].file_names()) == []


def test_a_name_that_stands_twice_is_refused(backup_file: Path) -> None:
    changed = rewritten(backup_file, lambda members, manifest: members.append(members[0]))
    assert refusal(changed) is Refusal.UNEXPECTED_MEMBER


def test_a_manifest_of_another_kind_is_refused(backup_file: Path) -> None:
    def of_later_format(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
        manifest["format"] = 2

    def of_no_format(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
        manifest.clear()

    def of_other_types(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
        manifest["rows"] = ["observation"]

    assert refusal(rewritten(backup_file, of_later_format)) is Refusal.OTHER_FORMAT
    assert refusal(rewritten(backup_file, of_other_types)) is Refusal.NOT_A_BACKUP
    assert refusal(rewritten(backup_file, of_no_format)) is Refusal.NOT_A_BACKUP


def test_a_database_that_does_not_open_is_told_although_its_hash_is_right(backup_file: Path) -> None:
    def with_a_broken_database(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
        number = next(number for number, each in enumerate(members) if each[0].name.startswith("database"))
        info, data = members[number]
        broken = data[: len(data) // 2] + bytes(500) + data[len(data) // 2 + 500 :]
        members[number] = (info, broken)
        for each in manifest["members"]:
            if each["name"] == info.name:
                each["sha256"] = hashlib.sha256(broken).hexdigest()

    assert refusal(rewritten(backup_file, with_a_broken_database)) is Refusal.BROKEN_DATABASE


@pytest.mark.parametrize("more", [-1, 1])
def test_a_database_of_another_size_than_the_manifest_says_is_told(backup_file: Path, more: int) -> None:
    def of_another_size(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
        manifest["database_size"] += more

    assert refusal(rewritten(backup_file, of_another_size)) is Refusal.BROKEN_DATABASE


def test_rows_that_are_fewer_than_the_manifest_says_are_told(
    backup_file: Path, empty_place: Callable[..., Flask], engine: str
) -> None:
    def with_more_rows(members: list[tuple[tarfile.TarInfo, bytes]], manifest: dict[str, Any]) -> None:
        manifest["rows"]["observation"] += 1

    changed = rewritten(backup_file, with_more_rows)
    if engine == "sqlite":
        assert refusal(changed) is Refusal.OTHER_ROWS
    assert "rows of observation are not as many" in run(empty_place(), "restore", str(changed)).output
