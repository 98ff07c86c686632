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
from cohab_report.cities.tables import profile_folder
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.intake.cells import operations as cells
from cohab_report.settings import Settings
from tests.bench.bulk_observations import ObservationGenerator
from tests.bench.figures import Figure, print_figure
from tests.bench.page_weights import measure_page_weights
from tests.bench.pages import measure_pages, page_benchmarks
from tests.bench.sending import send_many
from tests.servers import new_postgres_database, postgres_cluster, valkey_server

MAX_GROWTH = 1.5


def main() -> None:
    """Runs the benchmarks that the command line names."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=3_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    arguments = parser.parse_args()
    for database in ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,):
        with valkey_server() as queue, empty_database(database) as url:
            with app_with_city(url) as app:
                generator = ObservationGenerator(at=now())
                small = measure_at_size(app, generator, database, arguments.rows // 10)
                print_growth(small, measure_at_size(app, generator, database, arguments.rows), database, arguments.rows)
                measure_page_weights(app, database=database)
            send_many(url, queue, database=database, posts=arguments.posts)


def measure_at_size(app: Flask, generator: ObservationGenerator, database: str, rows: int) -> dict[str, Figure]:
    """Measures every page with this many observations."""
    generator.grow_to(rows)
    started = time.perf_counter()
    with transaction():
        cells.recount_cells(at=generator.at)
        insight.recount_months(at=generator.at)
    publishing.publish_quarters(at=generator.at)
    print_figure(
        "monthly figures counted anew and published, in a worker",
        database=database,
        rows=rows,
        seconds=time.perf_counter() - started,
    )
    return measure_pages(page_benchmarks(app, at=generator.at), database=database, rows=rows)


def print_growth(small: dict[str, Figure], large: dict[str, Figure], database: str, rows: int) -> None:
    """Prints how much slower each page is with all rows than with a tenth of them."""
    for name, before in small.items():
        after = large[name]
        # The least: other processes of the machine can only add to it.
        factor = after.least / before.least
        print_figure(
            f"growth: {name}",
            database=database,
            rows_from=rows // 10,
            rows_to=rows,
            factor=factor,
            within=factor <= MAX_GROWTH,
            statements_from=before.statements,
            statements_to=after.statements,
            constant=before.statements == after.statements,
        )


@contextmanager
def empty_database(database: str) -> Iterator[str]:
    """Yields the URL of a new database that is as durable as a real one."""
    if database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="cohab-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'cohab.db'}"
    else:
        with postgres_cluster(careful=True) as admin:
            yield new_postgres_database(admin, "bench")


@contextmanager
def app_with_city(url: str) -> Iterator[Flask]:
    """Yields the application with its tables and city, in its context."""
    app = create_app(
        Settings(
            env="test", secret_key="s" * 40, code_key="c" * 40, database_url=url, queue_url="redis://127.0.0.1:1/0"
        )
    )
    with app.app_context():
        upgrade()
        with transaction():
            load_profile(profile_folder("trois_rivieres"), at=now())
        yield app
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    main()
