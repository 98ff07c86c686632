"""Loads a city profile into a database after whoever asked for it agreed to what it would change there.

A city keeps a profile of its own; the one that would be loaded may be another, because a setting is missing. Nobody is
asked while a transaction waits: what would change is found out in one that is rolled back, and compared afterwards.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cohab_report.cities import loader
from cohab_report.cities.load_reports import LoadReport, OutlineReport
from cohab_report.db import transaction
from cohab_report.errors import CohabError

Agreement = Callable[[Sequence[str]], bool]
"""Is given what would change, a sentence a line, and returns whether it may."""


class NotAgreed(CohabError):
    """The profile would change what the city has loaded, and nobody agreed to that; nothing was written."""


def load_city(
    folder: Path, boundary: Path | None, *, agrees: Agreement, at: datetime
) -> tuple[LoadReport, OutlineReport | None]:
    """Loads the profile in this folder, and the outline in the file `boundary` if there is one, or nothing of both.

    Into an empty database at once; where a city is loaded, what would change is passed to `agrees` first. Raises
    NotAgreed if it returns False or if something else would change by then, and `TableRefused` for mistakes.
    """
    agreed: Sequence[str] | None = None
    if loader.served_city() is not None:
        agreed = _preview(folder, at).questions
        if agreed and not agrees(agreed):
            raise NotAgreed
    with transaction():
        report = loader.load_profile(folder, at=at)
        if agreed is not None and report.questions != agreed:
            raise NotAgreed
        return report, loader.load_boundary(boundary, at=at) if boundary is not None else None


class _PreviewEnds(Exception):
    """Rolls a preview back."""


def _preview(folder: Path, at: datetime) -> LoadReport:
    """Returns what loading the profile would report, and writes nothing."""
    with suppress(_PreviewEnds), transaction():
        report = loader.load_profile(folder, at=at)
        raise _PreviewEnds
    return report
