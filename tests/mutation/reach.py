"""Which tests reach which function, and how long each takes: measured without a mutant, and kept beside the code."""

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TypedDict

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name

KEPT = Path("reach.json")
PART = "reach.part"
TEMPLATE = Path("template")
"""The template database of all tests; like all paths here, it lies in the folder of the mutated code."""
SLOW_SECONDS = 1.0
"""A test that takes so many seconds of the processor is not asked: what it alone would notice counts as survived."""


class Measure(TypedDict):
    """What one test reached, in how many seconds of the processor, when its file had this fingerprint."""

    file: str
    seconds: float
    functions: list[str]


def fingerprint(paths: Iterable[Path]) -> str:
    """A number that changes with the files' text."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(paths))).hexdigest()


def passing(session: pytest.Session, tests: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """Runs the tests one after another; yields each that passed, and ends at the first that fails."""
    for test, following in zip_longest(tests, tests[1:]):
        session.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if session.testsfailed:
            return
        yield test


def needs_app(test: pytest.Item) -> bool:
    """Whether the test uses the application that a process makes once, for the first test that needs it."""
    return "app" in getattr(test, "fixturenames", ())


def functions_reached() -> set[str]:
    """The functions that were called since this was asked last."""
    functions = set(state()._stats)
    state()._stats.clear()
    return functions


def reached_by_making_the_app(session: pytest.Session, tests: Sequence[pytest.Item]) -> set[str]:
    """Makes the application, so that no test is measured as slow for being the first; returns what that reached.

    The first test that needs it is run three times, and only the first makes the template database, which no mutant
    makes again: what the second reached and the third did not belongs to every such test.
    """
    first = next(filter(needs_app, tests), None)
    reached: list[set[str]] = []
    for following in (None, session, session) if first else ():
        # Where the next "test" is the session, all else ends, and the application stays.
        session.config.hook.pytest_runtest_protocol(item=first, nextitem=following)
        reached.append(functions_reached())
    return reached[1] - reached[2] if reached else set()


class Reach:
    """What the collected tests reach; `missing` are those that nobody has measured since they or the code changed."""

    def __init__(self, tests: Sequence[pytest.Item]) -> None:
        self.tests = tests
        shared = {path for path in Path("tests").rglob("*.py") if not path.name.startswith("test_")}
        shared -= set(Path("tests/mutation").iterdir())
        self.code = fingerprint([*Path("cohab_report").rglob("*.py"), *Path("migrations").rglob("*.py"), *shared])
        self.files = {path: fingerprint([path]) for path in {test.path for test in tests}}
        for part in Path().glob(f"{PART}*"):
            part.unlink()
        self.load()

    def load(self) -> None:
        """Reads what was kept; when the code has changed since, it is deleted, and the template database with it."""
        kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
        is_valid = kept.get("code") == self.code
        if not is_valid:
            shutil.rmtree(TEMPLATE, ignore_errors=True)
        self.kept: dict[str, Measure] = kept["tests"] if is_valid else {}
        self.missing = [
            test
            for test in self.tests
            if test.nodeid not in self.kept or self.kept[test.nodeid]["file"] != self.files[test.path]
        ]

    def measure(self, session: pytest.Session, number: int, of: int) -> None:
        """Runs every `of`th of the tests that are missing, from `number` on; leaves what they reach, if none fails."""
        set_mutant_under_test("stats")
        tests = self.missing[number::of]
        measured: dict[str, Measure] = {}
        making = reached_by_making_the_app(session, tests)
        started = time.process_time()
        for test in passing(session, tests):
            functions = functions_reached() | (making if needs_app(test) else set())
            seconds = time.process_time() - started
            measured[test.nodeid] = {"file": self.files[test.path], "seconds": seconds, "functions": sorted(functions)}
            started = time.process_time()
        if not session.testsfailed:
            Path(f"{PART}{number}").write_text(json.dumps(measured), encoding="utf-8")

    def gather(self) -> None:
        """Keeps what was measured."""
        for part in Path().glob(f"{PART}*"):
            self.kept |= json.loads(part.read_text(encoding="utf-8"))
            part.unlink()
        KEPT.write_text(json.dumps({"code": self.code, "tests": self.kept}), encoding="utf-8")
        self.load()

    def tests_of(self, mutant: str, killers: Counter[str]) -> list[pytest.Item]:
        """The tests that reach the mutant and are not slow: first those that killed others of its function, by number.

        Most mutants need no more than one. Of the others, the quickest come first.
        """
        function = mangled_name_from_mutant_name(mutant)
        reaching = [test for test in self.tests if function in self.kept[test.nodeid]["functions"]]
        quick = [test for test in self.in_order(reaching) if self.kept[test.nodeid]["seconds"] < SLOW_SECONDS]
        return sorted(quick, key=lambda test: -killers[test.nodeid])

    def is_reached_by_making_the_app(self, function: str) -> bool:
        """Tells whether every test that uses the application reaches the function, as making it does."""
        users = [test for test in self.tests if needs_app(test)]
        return bool(users) and all(function in self.kept[test.nodeid]["functions"] for test in users)

    def in_order(self, tests: Iterable[pytest.Item]) -> list[pytest.Item]:
        """The tests, those that take the least time first."""
        return sorted(tests, key=lambda test: self.kept[test.nodeid]["seconds"])

    def fingerprint_of(self, tests: Iterable[pytest.Item]) -> str:
        """A number that changes with the tests' names and files."""
        return hashlib.sha256(
            "".join(sorted(test.nodeid + self.files[test.path] for test in tests)).encode()
        ).hexdigest()

    def seconds_of(self, tests: Sequence[pytest.Item]) -> float:
        """How long these tests took without a mutant."""
        return sum(self.kept[test.nodeid]["seconds"] for test in tests)
