"""Writes the skeleton of a city profile, which passes `check-city` as it is: every file, with an example and comments.

Its made-up city lies in the open sea, so that no position of it can be taken for a real one.
"""

import re
import unicodedata
from pathlib import Path

from cohab_report.errors import CohabError

SKELETON_FOLDER = Path(__file__).parent / "profile"
SKELETON_CODE = "ville"
"""The code of the skeleton's city, which the name of the new folder replaces."""
LONGEST_CODE = 32


class FolderNotEmpty(CohabError):
    """There is something at this path already: it is never written over."""


def write_skeleton(folder: Path) -> int:
    """Writes the skeleton's files into this folder, which is made or is empty, and returns how many.

    The city's code is made of the folder's name. Raises FolderNotEmpty, before anything is written.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FolderNotEmpty(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(SKELETON_FOLDER.iterdir())
    for file in files:
        text = file.read_text(encoding="utf-8")
        if file.name == "city.toml":
            text = text.replace(f'code = "{SKELETON_CODE}"', f'code = "{_city_code(folder.absolute().name)}"', 1)
        (folder / file.name).write_text(text, encoding="utf-8")
    return len(files)


def _city_code(name: str) -> str:
    """Returns a city's code made of a folder's name: lower-case letters, digits and _, a letter first."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_CODE].strip("_")
    return code if re.match(r"[a-z]", code) else SKELETON_CODE
