"""Breaks the test city in every way, and counts what `check-city` and `load-city` make of it; one JSON line a database.

python -m tests.cities.break_all [EACH]      on both databases; with EACH only every so manieth way
"""

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from cohab_report import create_app
from cohab_report.cities.loader import check_profile, load_profile
from cohab_report.clock import now
from cohab_report.csv_tables import TableRefused
from cohab_report.db import db
from tests.cities.broken import broken_profiles
from tests.conftest import RIVEBELLE, create_city_database, settings_for
from tests.servers import new_postgres_database, postgres_cluster


def try_to_load(folder: Path) -> str:
    """Returns "refused" or "loaded" after trying to load the profile, whose rows are rolled back.

    Whatever else goes wrong leaves it as it is.
    """
    try:
        check_profile(folder)
        with db.session.begin_nested() as savepoint:
            load_profile(folder, at=now())
            savepoint.rollback()
    except TableRefused as refused:
        is_named = all(each.message and each.line >= 1 and each.column for each in refused.mistakes)
        return "refused" if refused.mistakes and is_named else "refused without a reason"
    return "loaded"


def main(each: int) -> None:
    """Tries the ways on both databases, and prints how many were refused, loaded, or crashed."""
    for engine in ("sqlite", "postgresql"):
        with _database(engine) as url, tempfile.TemporaryDirectory() as temporary:
            app, began = create_app(settings_for(url)), time.monotonic()
            with app.app_context():
                counts = Counter(_outcomes(Path(temporary) / "ville", each))
                db.session.remove()
                db.engine.dispose()
            figures = {"database": engine, "seconds": round(time.monotonic() - began)} | counts
            sys.stdout.write(f"{json.dumps(figures)}\n")


def _outcomes(folder: Path, each: int) -> Iterator[str]:
    for broken in islice(broken_profiles(RIVEBELLE), 0, None, each):
        broken.make(RIVEBELLE, folder)
        try:
            yield try_to_load(folder)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is counted and named)
            db.session.rollback()
            sys.stderr.write(f"{broken.name}: {type(error).__name__}: {str(error)[:200]}\n")
            yield "crashed"


@contextmanager
def _database(engine: str) -> Iterator[str]:
    """Yields the address of a database with the test city."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            url = f"sqlite:///{folder}/cohab.db"
            create_city_database(url)
            yield url
            return
        with postgres_cluster() as admin:
            url = new_postgres_database(admin, "broken")
            create_city_database(url)
            yield url


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
