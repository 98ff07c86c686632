"""`make attack`: attackers against a site of their own, on both databases; one JSON line says how far each came."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Any

from flask import Flask
from sqlalchemy import select

from cohab_report import create_app
from cohab_report.clock import today
from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.territory import queries as territory
from cohab_report.territory.models import ProtectedSite
from tests.attack import protected_sites, stopping, stories
from tests.cast import Cast
from tests.conftest import create_city_database, settings_for
from tests.servers import new_postgres_database, postgres_cluster

REACH = 900.0
"""Metres that an attacker who looks for a border goes."""
KEYS = 30
SLOW_SENDERS, GUESSERS = 64, 28
SHIPPED = "trois_rivieres"


def main() -> None:
    """Runs every attacker, and prints its figures."""
    for database in ("sqlite", "postgresql"):
        with empty_database(database) as url:
            create_city_database(url)
            app = create_app(settings_for(url))
            with app.app_context():
                look_for_shelter(app, database)
                db.session.remove()
                db.engine.dispose()
            try_to_stop(url, database)
    sites, ground = protected_sites.sites_and_ground(SHIPPED)
    keys = [f"key {number}".ljust(40, "x") for number in range(KEYS)]
    metres, share = protected_sites.guess_by_pieces(sites, ground, keys=keys)
    print_figures(
        "protected sites, every protected cell known",
        city=SHIPPED,
        keys=KEYS,
        mean_metres=mean(metres),
        least_metres=min(metres),
        share_of_pieces_with_a_site=share,
    )
    for attack in stories.STORIES:
        print_figures(attack, **stories.run_stories(attack))


def look_for_shelter(app: Flask, database: str) -> None:
    """Lets a stranger look for a shelter by what the site tells of a point, and prints how near it came."""
    cast = Cast.create(db.session())
    site = db.session.scalars(select(ProtectedSite).where(ProtectedSite.kind == "shelter").limit(1)).one()
    shelter = Point(site.lon, site.lat)
    visitor = protected_sites.Visitor(app.test_client(), today(territory.city_facts().zone).isoformat())
    visitor.begin()
    ways = {
        "the review's words": visitor.review_words,
        "the author's file": visitor.own_protection,
        "the map, all accepted": lambda point: visitor.shape_on_map(point, by=cast.ana),
    }
    for way, tell in ways.items():
        guess = protected_sites.bisect(tell, shelter, reach=REACH)
        print_figures(
            f"protected sites, by {way}",
            database=database,
            metres=guess and guess.point.metres_to(shelter),
            probes=guess and guess.probes,
        )


def try_to_stop(url: str, database: str) -> None:
    """Lets attackers try to stop the site, and prints how everybody else fared meanwhile."""
    with stopping.target(url) as attacked:
        for name, figures in stopping.post_long_values(attacked):
            print_figures(f"long values, {name}", database=database, **figures)
        print_figures("slow senders", database=database, **stopping.send_slowly(attacked, connections=SLOW_SENDERS))
        print_figures("frozen queue server", database=database, **stopping.freeze_queue_server(attacked))
        print_figures("passwords", database=database, **stopping.try_passwords(attacked, networks=GUESSERS))
        print_figures("locking an account", database=database, **stopping.lock_account(attacked, posts=40))


def print_figures(attack: str, **figures: Any) -> None:
    """Prints an attack's figures as a JSON line; None: it found nothing."""
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in figures.items()}
    sys.stdout.write(json.dumps({"attack": attack, **rounded}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def empty_database(database: str) -> Iterator[str]:
    """Yields the URL of a new database, which is deleted afterwards."""
    if database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="cohab-attack-") as folder:
            yield f"sqlite:///{Path(folder) / 'cohab.db'}"
    else:
        with postgres_cluster() as admin:
            yield new_postgres_database(admin, "attack")


if __name__ == "__main__":
    main()
