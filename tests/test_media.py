"""The store: whole or not at all, by name only, never outside its folder."""

from pathlib import Path

import pytest

from cohab_report import media
from cohab_report.errors import NotFound, Unavailable
from cohab_report.media import MediaStore

NAME = "photos/0123456789abcdef.webp"


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def test_what_is_put_is_there_until_it_is_deleted(store: MediaStore) -> None:
    store.put(NAME, b"pixels")
    assert store.get(NAME) == b"pixels" and [stored.name for stored in store.list_files("photos")] == [NAME]
    store.delete(NAME)
    store.delete(NAME)
    assert list(store.list_files("photos")) == []
    with pytest.raises(NotFound):
        store.get(NAME)


OUTSIDE = [
    "../secret",
    "photos/../../secret",
    "/etc/passwd",
    "photos//x",
    "photos/.hidden",
    "photos",
    "a/b/c",
    "photos/x\n",
    "",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out_of_the_folder(store: MediaStore, name: str) -> None:
    for use in (store.get, store.delete, lambda known: store.put(known, b"")):
        with pytest.raises(NotFound):
            use(name)


def test_other_accounts_read_nothing(store: MediaStore) -> None:
    store.put(NAME, b"pixels")
    assert (store.root / NAME).stat().st_mode & 0o077 == 0 and (store.root / "photos").stat().st_mode & 0o077 == 0


def test_a_disk_that_is_full_leaves_nothing_half_written(store: MediaStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Unavailable):
        store.put(NAME, b"pixels")
    assert list(store.list_files("photos")) == []


def test_a_file_that_a_crash_left_half_written_is_named_and_can_be_deleted(store: MediaStore) -> None:
    store.put(NAME, b"pixels")
    (store.root / (NAME + media.PARTIAL_SUFFIX)).write_bytes(b"pix")
    assert {stored.name for stored in store.list_files("photos")} == {NAME, NAME + media.PARTIAL_SUFFIX}
    store.delete(NAME + media.PARTIAL_SUFFIX)
    assert store.get(NAME) == b"pixels"


def test_names_are_never_the_same_and_say_nothing() -> None:
    names = {media.random_name("photos", ".webp") for _ in range(1000)}
    assert len(names) == 1000 and all(len(name) == len("photos/.webp") + 32 for name in names)
