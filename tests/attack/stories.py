"""Attackers that the tests know already: their stories are run again, and those that came through are counted."""

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STORIES: Mapping[str, tuple[str, ...]] = {
    "listening in by joining": ("tests/resident/test_listening_in.py",),
    "the reporter's door": ("tests/intake/test_public_squares.py",),
    "what vanishes at once": ("tests/intake/test_editions.py",),
    "row numbers outside": ("tests/house/test_row_numbers.py",),
    "a copy of the database": ("tests/house/test_database_copy.py",),
    "a shared phone": ("tests/resident/test_shared_phone.py",),
    "erased words in the log": ("tests/test_write_ahead_log.py",),
    "long values in every open form": ("tests/house/test_posted_values.py",),
}
"""The tests of each attack."""


class Outcomes:
    """Counts the tests of a run that passed and that failed; a pytest plugin."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts a test by its call, or by a failure before or after it."""
        if report.failed:
            self.failed += 1
        elif report.when == "call" and report.passed:
            self.passed += 1


def run_stories(attack: str) -> dict[str, object]:
    """Runs the tests of an attack; returns how many were withstood and how many came through."""
    outcomes = Outcomes()
    paths = [str(ROOT / path) for path in STORIES[attack]]
    with redirect_stdout(sys.stderr):
        pytest.main(["-q", "-p", "no:cacheprovider", *paths], [outcomes])
    assert outcomes.passed + outcomes.failed, f"no test of {attack} was found"
    return {"withstood": outcomes.passed, "came_through": outcomes.failed}
