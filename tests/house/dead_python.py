"""Dead Python, as `make check` looks for it: what nothing in the product uses, templates and migrations included.

Tests are left out: what only a test uses is dead too.
"""

import re
import sys
from pathlib import Path

from vulture import Vulture
from vulture.core import Item

ROOT = Path(__file__).parents[2]
PYTHON = ("cohab_report", "deploy", "wsgi.py", "migrations/env.py")
NAMED_ELSEWHERE = (
    *sorted((ROOT / "cohab_report" / "templates").rglob("*.*")),
    *sorted((ROOT / "migrations" / "versions").glob("*.py")),
)
"""Templates call names, and migrations name columns that only the database reads."""
CALLED_BY_LIBRARIES = (
    "@bp.*",  # Flask finds views by their address
    "@event.listens_for",  # SQLAlchemy calls them as connections and transactions begin
    "@limiter.request_filter",  # Flask-Limiter asks it before each request
)
READ_LATER = {
    "cases_before",
    "moved_observation_ids",  # a merge is undone by the team's workbench, from what the merge remembers
    "edited_by",  # the workbench's page of rules says who edited one
    "register_geocoder",  # the one seam for a city's own geocoder
    "mission",  # a column of the city profile, for the partners' page
}
"""What only tests use today, and why it stands all the same."""
READ_BY_LIBRARIES = {
    "enqueue_jobs",  # RQ's scheduler
    "describe", "collect",  # Prometheus' registry
    "cache_ok", "impl", "process_bind_param", "process_result_value",  # SQLAlchemy's types
    "isolation_level",  # the database driver
    "validate_*",  # WTForms finds them by their field's name
    "is_anonymous", "session_protection",  # Flask-Login
    "session_interface", "get_signing_serializer",  # Flask
    "max_content_length", "regex", "to_python", "to_url",  # Werkzeug, in addresses too
    "field_flags",  # WTForms
    "__doc__", "__qualname__",  # Python itself
    "max_count",  # email.policy
    "has_caption",  # the house's test of captions
    "rev_id",  # Alembic
    "deliver",  # RQ finds a job by its dotted name
    "EmailPolicy", "Policy",  # types in quotes
    "mtime",  # tarfile
    "seq",  # the name of a parameter of the standard library
    "Milestone",  # a relationship names it in quotes
    "NO_PEOPLE", "NOT_A_PICTURE", "TOO_LARGE", "HEALTH", "CONSENTED",  # members that data names by their value
    "hiding_reason",  # what the properties of suppression ask of an entry
    "dont_write_bytecode", "MAX_IMAGE_PIXELS", "DECODE_THREADS", "DEFAULT_MAX_THREADS",  # sys, Pillow, pi-heif
}  # fmt: skip


def is_fact(item: Item) -> bool:
    """Whether this is a field of an event: the journal reads all of them."""
    return bool(item.typ == "variable" and item.filename.name == "events.py")


def main() -> int:
    """Prints each dead name with its file and line; returns 1 if there is any."""
    vulture = Vulture(ignore_names=sorted(READ_BY_LIBRARIES | READ_LATER), ignore_decorators=list(CALLED_BY_LIBRARIES))
    vulture.scavenge([str(ROOT / path) for path in PYTHON])
    words = {word for path in NAMED_ELSEWHERE for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    unused = (item for item in vulture.get_unused_code(min_confidence=60) if item.name not in words)
    dead = [item for item in unused if not is_fact(item)]
    for item in dead:
        sys.stdout.write(f"{item.get_report()}\n")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
