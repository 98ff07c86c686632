"""`make chaos`: kills parts of the site at random while residents send; a JSON line a database says what was lost.

Ends with 1 when an observation was lost or doubled, or when what waited did not drain by itself in five minutes.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.chaos.promises import Count, count_promises, waiting_things
from tests.chaos.residents import filled_forms, send_all
from tests.chaos.site import ChaosSite, chaos_site, random_kills, wait_until
from tests.servers import new_postgres_database, restarted_postgres_cluster

PARTS = ["web", "worker", "horse", "clock", "queue"]
DRAIN_SECONDS = 300.0
LOST_SHARE = 0.05


@dataclass(frozen=True)
class Plan:
    """How many observations are sent, how many at once, and how long is waited between two kills (seconds)."""

    observations: int = 2000
    at_once: int = 16
    pause: tuple[float, float] = (0.5, 2.5)
    seconds: float = 3600.0
    seed: int = 1


def main() -> int:
    """Runs on both databases, and prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.chaos", description="Kills parts of the site while residents send.")
    parser.add_argument("--observations", type=int, default=Plan.observations)
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=Plan.seed)
    arguments = parser.parse_args()
    plan = Plan(observations=arguments.observations, seed=arguments.seed)
    counts = [run(database, plan) for database in arguments.databases]
    return 0 if all(count.is_whole for count in counts) else 1


def run(database: str, plan: Plan) -> Count:
    """Runs the plan on a site of its own on this database; prints and returns what became of the observations."""
    with site_on(database) as site:
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 5 * 3600))
        forms = filled_forms(plan.observations, today, chance=random.Random(plan.seed))
        parts = [*PARTS, "postmaster"] if site.postmaster else PARTS
        begin = time.monotonic()
        with random_kills(site, parts, pause=plan.pause, seed=plan.seed):
            receipts, without = send_all(
                site.port, forms, at_once=plan.at_once, lost_share=LOST_SHARE, seconds=plan.seconds, seed=plan.seed
            )
        sent_in = time.monotonic() - begin
        drained_in = drain(site)
        count = count_promises(site, forms, receipts, drained_in=drained_in)
        figures = {"database": database, **asdict(count), "without_receipt": without, "sent_in_seconds": sent_in}
        figures |= {"kills": sum(site.killed.values()), "killed": {part: site.killed.get(part, 0) for part in parts}}
        figures |= {"attempts": receipts.attempts, "answers_thrown_away": receipts.answers_thrown_away}
        figures |= {"statuses": receipts.refusals, "photos_told_as_refused": receipts.photos_refused}
        print_figures(figures)
        return count


def drain(site: ChaosSite) -> float | None:
    """Waits until nothing waits any more; returns the seconds that took, or None when it did not in DRAIN_SECONDS."""
    try:
        return wait_until(lambda: not any(waiting_things(site).values()), seconds=DRAIN_SECONDS, what=lambda: "")
    except AssertionError:
        return None


@contextmanager
def site_on(database: str) -> Iterator[ChaosSite]:
    """Yields a site on a new database of this kind."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cohab-chaos-")))
        if database == "sqlite":
            yield stack.enter_context(chaos_site(folder, None))
        else:
            admin, postmaster = stack.enter_context(restarted_postgres_cluster())
            url = new_postgres_database(admin, "chaos")
            yield stack.enter_context(chaos_site(folder, url, postmaster=postmaster))


def print_figures(figures: dict[str, object]) -> None:
    """Prints the figures of one run as a JSON line."""
    rounded = {name: round(value, 1) if isinstance(value, float) else value for name, value in figures.items()}
    sys.stdout.write(json.dumps(rounded, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
