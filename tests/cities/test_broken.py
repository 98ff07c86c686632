"""A broken profile ends in mistakes that are named, or is loaded: never in a traceback, on neither database."""

from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.cities.break_all import try_to_load
from tests.cities.broken import BrokenProfile, broken_profiles
from tests.conftest import RIVEBELLE

EACH = 47
"""Every so manieth way is tried here, a few hundred in all; `python -m tests.cities.break_all` tries all of them."""
ALWAYS = (
    'city.toml:hours = "mon-thu 09:00-12:00;m:-1',
    f'city.toml:code = "rivebelle":{"9" * 20}',
    f'city.toml:code = "rivebelle":{"[" * 20}',
    'city.toml:code = "rivebelle":"\\u0000"',
    f"boundary.geojson:{'1' * 60}",
    "emergency_numbers.csv:4:number:'xxxxxxxxxxxxxxxxxxxx'",
    'boundary.geojson:source:"\\ud800"',
)
"""Ways that once crashed."""


def chosen_ways() -> list[BrokenProfile]:
    ways = list(broken_profiles(RIVEBELLE))
    named = [way for way in ways if way.name in ALWAYS]
    assert {way.name for way in named} == set(ALWAYS)
    return [*named, *islice(ways, 0, None, EACH)]


@pytest.mark.parametrize("part", range(4))
def test_a_broken_profile_is_refused_with_its_mistakes_or_loaded(session: Session, tmp_path: Path, part: int) -> None:
    outcomes = {}
    for way in islice(chosen_ways(), part, None, 4):
        outcomes[way.name] = try_to_load(way.make(RIVEBELLE, tmp_path / "ville"))
    assert set(outcomes.values()) == {"refused", "loaded"}
    assert len(outcomes) > 80
