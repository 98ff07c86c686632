"""Tries mutants: tests are collected once, and each mutant has a fork of that process in which those that reach it run.

A pytest plugin that takes the place of pytest's own loop over the tests. A child is a run of pytest that goes on after
the fork, tidies up as ever, and ends where the parent reports.
"""

import gc
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import NamedTuple

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
LATE = {-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM}
MEMORY = type(lru_cache(len))
SURVIVORS = Path("survivors.json")
KILLER = "killer"


class Trial(NamedTuple):
    """A mutant whose tests are run, and what they are."""

    mutants: SourceFileMutationData
    name: str
    against: str
    """The fingerprint of the tests."""
    folder: Path
    """Where they keep temporary files."""

    def run(self, session: pytest.Session, tests: Sequence[pytest.Item]) -> None:
        """Runs the tests on the mutant until one fails, whose name is left in the folder."""
        set_mutant_under_test(self.name)
        passed = sum(1 for _test in passing(session, tests))
        (self.folder / KILLER).write_text("".join(test.nodeid for test in tests[passed : passed + 1]), encoding="utf-8")


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
        self.survived: dict[str, str] = {}
        self.children = children
        self.running: dict[int, Trial] = {}
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
        """Each mutant's tests are run in a child, as many at once as there may be; False in a child.

        What survived these same tests is not tried again.
        """
        self.survived = json.loads(SURVIVORS.read_text(encoding="utf-8")) if SURVIVORS.exists() else {}
        for number, (mutants, name) in enumerate(self.waiting, start=1):
            sys.stderr.write(f"\rmutant {number} of {len(self.waiting)} ")
            tests = reach.tests_of(name, self.killers[mangled_name_from_mutant_name(name)])
            against = reach.fingerprint_of(tests)
            if mutants.exit_code_by_key[name] == SURVIVED and self.survived.get(name) == against:
                continue
            trial = Trial(mutants, name, against, Path(tempfile.mkdtemp(prefix="mutant-")))
            pid = self._fork()
            if self.is_child:
                limit(ceil(CPU_SECONDS + 3 * reach.seconds_of(tests)))
                session.config._tmp_path_factory._basetemp = trial.folder  # type: ignore[attr-defined]
                trial.run(session, tests)
                return False
            self.running[pid] = trial
            while len(self.running) >= self.children:
                self._settle()
        while self.running:
            self._settle()
        return True

    def _are_killers_sound(self, session: pytest.Session) -> bool:
        """The tests that killed a mutant are run without any, in a child too; False in it, or if one fails."""
        killers = {killer for counts in self.killers.values() for killer in counts}
        folder = Path(tempfile.mkdtemp(prefix="mutant-"))
        pid = self._fork()
        if self.is_child:
            session.config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
            list(passing(session, [test for test in session.items if test.nodeid in killers]))
            return False
        _pid, status = os.waitpid(pid, 0)
        shutil.rmtree(folder, ignore_errors=True)
        return os.waitstatus_to_exitcode(status) == 0

    def _fork(self) -> int:
        pid = os.fork()
        self.is_child = pid == 0
        return pid

    def _settle(self) -> None:
        """Waits until a child ends and keeps what became of its mutant."""
        pid, status = os.wait()
        trial = self.running.pop(pid)
        with suppress(FileNotFoundError):
            killer = (trial.folder / KILLER).read_text(encoding="utf-8")
            self.killers[mangled_name_from_mutant_name(trial.name)][killer] += 1
        shutil.rmtree(trial.folder, ignore_errors=True)
        code = os.waitstatus_to_exitcode(status)
        outcome = SURVIVED if code == 0 else TIMEOUT if code in LATE else KILLED
        trial.mutants.exit_code_by_key[trial.name] = outcome
        trial.mutants.save()
        if outcome == SURVIVED:
            self.survived[trial.name] = trial.against
            SURVIVORS.write_text(json.dumps(self.survived), encoding="utf-8")


def warm_up(session: pytest.Session, reach: Reach) -> None:
    """Runs the quickest test that needs the database, so that no child imports, maps and compiles the same again.

    Its application is forgotten, with all that functions remember.
    """
    for test in reach.in_order(session.items):
        if "session" in getattr(test, "fixturenames", ()):
            session.config.hook.pytest_runtest_protocol(item=test, nextitem=None)
            break
    for memory in gc.get_objects():
        if isinstance(memory, MEMORY):
            memory.cache_clear()
    gc.freeze()  # all that was imported before stays: no collection in a child looks at it again, nor copies its pages


def limit(seconds: int) -> None:
    """From here on this process is silent, and is ended after these seconds."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    signal.alarm(seconds * WALL_FACTOR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
