"""Tries mutants: tests are collected once, and those of a function have a fork of that process in which they are tried.

A pytest plugin that takes the place of pytest's own loop over the tests. A child is a run of pytest that goes on after
the fork, tidies up as ever, and ends where the parent reports.
"""

import gc
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, zip_longest
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.utils.file_utils import change_cwd
from mutmut.utils.format_utils import mangled_name_from_mutant_name

from tests.mutation.reach import Reach, passing

SURVIVED, KILLED, TIMEOUT = 0, 1, 36
"""What became of a mutant, in the numbers that mutmut's own commands read."""
CPU_SECONDS = 20
"""A mutant has so many seconds of a processor, and three times what its tests took without it."""
WALL_FACTOR = 10
"""A mutant that waits for ever is ended after so many times its seconds, however busy the machine is."""
LATE = {-signal.SIGPROF, -signal.SIGALRM}
MEMORY = type(lru_cache(len))
SURVIVORS = Path("survivors.json")
KILLERS = "killers"
LONGEST_BATCH = 25
"""So many mutants at most share a process and its application."""
MEMORIES: list[Any] = []
"""What remembers the answers of functions, in every module that is imported."""


@dataclass(frozen=True)
class Batch:
    """Mutants of one function, tried one after another in one process, and the tests that reach them."""

    mutants: SourceFileMutationData
    names: Sequence[str]
    tests: Sequence[pytest.Item]
    against: str
    """The fingerprint of the tests."""
    seconds: int
    """The seconds of the processor that each mutant has."""
    folder: Path
    """Where they keep temporary files."""

    def run(self, session: pytest.Session) -> None:
        """Tries each mutant; leaves its killer in the folder. In the end the killers must pass without a mutant."""
        tests, killers = list(self.tests), set()
        silence()
        session.config._tmp_path_factory._basetemp = self.folder  # type: ignore[attr-defined]
        for name in self.names:
            limit(self.seconds)
            set_mutant_under_test(name)
            killer = first_failing(session, tests)
            set_mutant_under_test("")
            forget_answers()
            if killer is not None:
                tests.remove(killer)
                tests.insert(0, killer)
                killers.add(killer)
            with (self.folder / KILLERS).open("a", encoding="utf-8") as file:
                file.write(f"{killer.nodeid if killer else ''}\n")
        limit(self.seconds)
        session.testsfailed = int(first_failing(session, list(killers)) is not None)

    def killers(self) -> list[str]:
        """Returns the test that killed each mutant, or nothing for one that survived."""
        with suppress(FileNotFoundError):
            return (self.folder / KILLERS).read_text(encoding="utf-8").splitlines()
        return []


class Trials:
    """The trials of the mutants that nothing has killed yet."""

    def __init__(self, files: Sequence[SourceFileMutationData], children: int) -> None:
        self.waiting = [
            (mutants, name)
            for mutants in files
            for name, code in mutants.exit_code_by_key.items()
            if code not in {KILLED, TIMEOUT}
        ]
        self.killers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By function, how many of its mutants each test killed: it is asked first of the next."""
        self.unchecked: set[str] = set()
        """The tests that killed a mutant tried alone."""
        self.survived: dict[str, str] = {}
        self.children = children
        self.running: dict[int, Batch] = {}
        self.again: list[Batch] = []
        """What was tried with others in a process that did not end well, to be tried alone."""
        self.is_child = False
        self.is_done = False

    def run(self, folder: Path, tests: Sequence[str]) -> bool:
        """Tries all in the folder of the mutated code; False when a test fails without any mutant."""
        with change_cwd(folder):
            quiet = ["--rootdir=.", "--capture=no", "-qq", "--no-header", "--tb=native", "-p", "no:unraisableexception"]
            code = pytest.main([*quiet, *tests, *config().pytest_add_cli_args], plugins=[self])
            if self.is_child:
                os._exit(code)
        return self.is_done

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measures what is missing, then tries one mutant after another; always True: no other loop shall run."""
        reach = Reach(session.items)
        if not session.testsfailed and self._is_measured(session, reach):
            warm_up(session, reach)
            self.is_done = (
                not session.testsfailed and self._are_all_tried(session, reach) and self._are_killers_sound(session)
            )
        return True

    def _is_measured(self, session: pytest.Session, reach: Reach) -> bool:
        """The tests that are missing are run and measured by children, a part each; False in one, or if one fails."""
        pids = []
        for number in range(self.children if reach.missing else 0):
            pids.append(self._fork())
            if self.is_child:
                reach.measure(session, number, self.children)
                return False
        for pid in pids:
            os.waitpid(pid, 0)
        reach.gather()
        return not reach.missing

    def _are_all_tried(self, session: pytest.Session, reach: Reach) -> bool:
        """All mutants are tried in children, as many at once as there may be; False in a child.

        What survived these same tests is not tried again.
        """
        self.survived = json.loads(SURVIVORS.read_text(encoding="utf-8")) if SURVIVORS.exists() else {}
        return self._is_tried(session, self._batches(reach)) and self._is_tried(session, self.again)

    def _batches(self, reach: Reach) -> Iterator[Batch]:
        """Yields the mutants function by function; alone where making the application reaches the function."""
        done = 0
        for function, waiting in groupby(self.waiting, key=lambda each: mangled_name_from_mutant_name(each[1])):
            names = [name for _mutants, name in waiting]
            mutants = self.waiting[done][0]
            tests = reach.tests_of(names[0], self.killers[function])
            against, seconds = reach.fingerprint_of(tests), ceil(CPU_SECONDS + 3 * reach.seconds_of(tests))
            new = [
                name
                for name in names
                if mutants.exit_code_by_key[name] != SURVIVED or self.survived.get(name) != against
            ]
            size = 1 if reach.is_reached_by_making_the_app(function) else LONGEST_BATCH
            for start in range(0, len(new), size):
                sys.stderr.write(f"\rmutant {done + start + 1} of {len(self.waiting)} ")
                tests = reach.tests_of(names[0], self.killers[function])
                yield Batch(mutants, new[start : start + size], tests, against, seconds, new_folder())
            done += len(names)

    def _is_tried(self, session: pytest.Session, batches: Iterable[Batch]) -> bool:
        for batch in batches:
            pid = self._fork()
            if self.is_child:
                batch.run(session)
                return False
            self.running[pid] = batch
            while len(self.running) >= self.children:
                self._settle()
        while self.running:
            self._settle()
        return True

    def _are_killers_sound(self, session: pytest.Session) -> bool:
        """The tests that killed a mutant tried alone are run without any, in a child; False in it, or if one fails."""
        folder = new_folder()
        pid = self._fork()
        if self.is_child:
            session.config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
            list(passing(session, [test for test in session.items if test.nodeid in self.unchecked]))
            return False
        _pid, status = os.waitpid(pid, 0)
        shutil.rmtree(folder, ignore_errors=True)
        return os.waitstatus_to_exitcode(status) == 0

    def _fork(self) -> int:
        pid = os.fork()
        self.is_child = pid == 0
        return pid

    def _settle(self) -> None:
        """Waits until a child ends and keeps what became of its mutants; if it ended badly, each is tried alone."""
        pid, status = os.wait()
        batch, code = self.running.pop(pid), os.waitstatus_to_exitcode(status)
        killers = batch.killers()
        shutil.rmtree(batch.folder, ignore_errors=True)
        if code and len(batch.names) > 1:
            self.again += [replace(batch, names=[name], folder=new_folder()) for name in batch.names]
            return
        for name, killer in zip_longest(batch.names, killers):
            is_killed = code or killer
            outcome = TIMEOUT if code in LATE else KILLED if is_killed else SURVIVED
            batch.mutants.exit_code_by_key[name] = outcome
            if killer:
                self.killers[mangled_name_from_mutant_name(name)][killer] += 1
                self.unchecked |= {killer} if len(batch.names) == 1 else set()
            if outcome == SURVIVED:
                self.survived[name] = batch.against
        batch.mutants.save()
        SURVIVORS.write_text(json.dumps(self.survived), encoding="utf-8")


def new_folder() -> Path:
    """Makes an empty folder for temporary files."""
    return Path(tempfile.mkdtemp(prefix="mutant-"))


def first_failing(session: pytest.Session, tests: Sequence[pytest.Item]) -> pytest.Item | None:
    """Runs the tests until one fails, which is returned; what the session shares, as the application, stays."""
    for test in tests:
        session.config.hook.pytest_runtest_protocol(item=test, nextitem=session)
        if session.testsfailed:
            session.testsfailed = 0
            return test
    return None


def warm_up(session: pytest.Session, reach: Reach) -> None:
    """Runs the quickest test that needs the database, so that no child imports, maps and compiles the same again.

    Its application is forgotten, with all that functions remember.
    """
    for test in reach.in_order(session.items):
        if "session" in getattr(test, "fixturenames", ()):
            session.config.hook.pytest_runtest_protocol(item=test, nextitem=None)
            break
    MEMORIES.extend(each for each in gc.get_objects() if isinstance(each, MEMORY))
    forget_answers()
    gc.freeze()  # all that was imported before stays: no collection in a child looks at it again, nor copies its pages


def forget_answers() -> None:
    """Empties what functions remember of their answers."""
    for memory in MEMORIES:
        memory.cache_clear()


def limit(seconds: int) -> None:
    """From here on this process is ended after these seconds of the processor."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(seconds * WALL_FACTOR)


def silence() -> None:
    """From here on this process prints nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
