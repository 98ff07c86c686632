"""`make bench`: pages at two sizes on both databases, then observations sent to a real web server, as JSON lines."""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from cohab_report import create_app
from cohab_report.cities.loader import load_profile
from cohab_report.cities.tables import folder_of
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.intake.cells import operations as cells
from cohab_report.settings import Settings
from tests.bench.crowd import Crowd
from tests.bench.figures import Taken, tell
from tests.bench.pages import measure, questions
from tests.bench.sending import send_many
from tests.bench.weights import weigh
from tests.servers import new_postgres_database, postgres_cluster, valkey_server

GROWTH = 1.5


def main() -> None:
    """Takes all figures that the command line asks for."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=3_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    chosen = parser.parse_args()
    for database in ("sqlite", "postgresql") if chosen.database == "both" else (chosen.database,):
        with valkey_server() as queue, empty_database(database) as url:
            with filled(url) as app:
                crowd = Crowd(at=now())
                small = at_size(app, crowd, database, chosen.rows // 10)
                tell_growth(small, at_size(app, crowd, database, chosen.rows), database, chosen.rows)
                weigh(app, database=database)
            send_many(url, queue, database=database, posts=chosen.posts)


def at_size(app: Flask, crowd: Crowd, database: str, rows: int) -> dict[str, Taken]:
    """Every page's figure with so many observations."""
    crowd.grow_to(rows)
    began = time.perf_counter()
    with transaction():
        cells.recount(at=crowd.at)
        insight.recount(at=crowd.at)
    publishing.publish(at=crowd.at)
    tell(
        "monthly figures counted anew and published, in a worker",
        database=database,
        rows=rows,
        seconds=time.perf_counter() - began,
    )
    return measure(questions(app, at=crowd.at), database=database, rows=rows)


def tell_growth(small: dict[str, Taken], large: dict[str, Taken], database: str, rows: int) -> None:
    """How much each page grew from a tenth of the rows to all of them."""
    for name, before in small.items():
        after = large[name]
        factor = after.least / before.least  # the least: what else the machine does at the time can only add
        tell(
            f"growth: {name}", database=database, rows_from=rows // 10, rows_to=rows, factor=factor, within=factor <= GROWTH,
            statements_from=before.statements, statements_to=after.statements, constant=before.statements == after.statements,
        )  # fmt: skip


@contextmanager
def empty_database(database: str) -> Iterator[str]:
    """The address of a database of one's own that keeps what it promises to keep."""
    if database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="cohab-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'cohab.db'}"
    else:
        with postgres_cluster(careful=True) as admin:
            yield new_postgres_database(admin, "bench")


@contextmanager
def filled(url: str) -> Iterator[Flask]:
    """The application with its tables and its city, in its context."""
    app = create_app(
        Settings(
            env="test", secret_key="s" * 40, code_key="c" * 40, database_url=url, queue_url="redis://127.0.0.1:1/0"
        )
    )
    with app.app_context():
        upgrade()
        with transaction():
            load_profile(folder_of("trois_rivieres"), at=now())
        yield app
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    main()
