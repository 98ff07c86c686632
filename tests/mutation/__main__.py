"""Break the code in many small ways and see which of them no test notices.

    make mutants                                          all that `[tool.mutmut]` of pyproject.toml names: hours
    make mutants ARGS=cohab_report/partners/hours.py      one file or folder, against the tests of its package
    make mutants ARGS="cohab_report/intake/rules.py tests/intake/test_rules.py"    … or against these tests alone

mutmut does the work, in `mutants/`: results are kept there, and what did not change since is not tried again. Each
survivor is printed as a diff, then file by file how many were killed; docs/mutants.md says why some may survive.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import libcst
import pytest
from mutmut.__main__ import cli
from mutmut.configuration import config
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.workers.isolation import ForkServerRunner

WORK = Path("mutants")
CODE = "cohab_report"
KILLED = {"killed", "timeout", "segfault", "caught by type check"}
MEMORIES = {"cache", "lru_cache"}


def mutate_what_is_remembered() -> None:
    """mutmut leaves decorated functions alone; one that only remembers its answers is mutated like any other.

    The tests of a mutant run in a process that remembers nothing yet (`process_isolation`).
    """
    skips = MutationVisitor._skip_node_and_children

    def unless_remembered(visitor: MutationVisitor, node: libcst.CSTNode) -> bool:
        if isinstance(node, libcst.FunctionDef) and len(node.decorators) == 1:
            decorator = node.decorators[0].decorator
            name = decorator.func if isinstance(decorator, libcst.Call) else decorator
            if isinstance(name, libcst.Name) and name.value in MEMORIES:
                return False
        return bool(skips(visitor, node))

    pytest.MonkeyPatch().setattr(MutationVisitor, "_skip_node_and_children", unless_remembered)


def ask_the_quick_tests_first() -> None:
    """Of the tests that reach a mutant, those that take the least time run first: most mutants need no more."""
    submit = ForkServerRunner.submit

    def in_order(runner: ForkServerRunner, mutant: str, tests: list[str], limit: int, estimate: float) -> None:
        submit(runner, mutant, sorted(tests, key=lambda test: (state().duration_by_test[test], test)), limit, estimate)

    pytest.MonkeyPatch().setattr(ForkServerRunner, "submit", in_order)


def choose(paths: Sequence[str]) -> None:
    """Only these files and folders are broken, and only their packages' tests run, or the tests that are named."""
    code = [path.rstrip("/") for path in paths if path.startswith(CODE)]
    tests = [path for path in paths if path.startswith("tests")]
    if code:
        config().only_mutate = [path if path.endswith(".py") else f"{path}/*" for path in code]
        tests = tests or sorted({f"tests/{Path(path).parts[1].removesuffix('.py')}" for path in code})
    if tests:
        config().pytest_add_cli_args_test_selection = tests


def forget_mere_copies() -> None:
    """A file that an earlier run only copied would pass for one that was mutated and did not change since."""
    for path in walk_mutatable_files():
        if not (WORK / f"{path}.meta").exists():
            (WORK / path).unlink(missing_ok=True)


def outcomes() -> Iterator[tuple[str, str, str]]:
    """Each mutant that was tried: its module, its name, what became of it."""
    for path in sorted(WORK.rglob("*.py.meta")):
        source = path.relative_to(WORK).with_suffix("")
        codes = (
            json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"] if config().should_mutate(source) else {}
        )
        for name, code in codes.items():
            if code is not None:
                yield str(source), name, status_by_exit_code[code]


def diff(name: str) -> list[str]:
    """The lines that the mutant changed."""
    shown = subprocess.run([sys.executable, "-m", "mutmut", "show", name], capture_output=True, text=True, check=False)
    return [line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


def report() -> int:
    """Tells what was found; returns 1 when something survived."""
    found = list(outcomes())
    survivors = [(name, outcome) for _source, name, outcome in found if outcome not in KILLED]
    lines = [line for name, outcome in survivors for line in (f"{outcome}: {name}", *diff(name))]
    counts: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for source, _name, outcome in found:
        counts[source][outcome in KILLED] += 1
        counts["all"][outcome in KILLED] += 1
    for source, count in sorted(counts.items()):
        share = count[True] / count.total()
        lines.append(f"{count[True]:5} of {count.total():5} killed ({share:6.1%})  {source}")
    sys.stdout.write("\n".join([*lines, ""]))
    return 1 if survivors else 0


def main(paths: Sequence[str]) -> int:
    """Breaks and tries, then reports; returns 2 when the tests don't pass on the code as it is."""
    mutate_what_is_remembered()
    ask_the_quick_tests_first()
    choose(paths)
    forget_mere_copies()
    shutil.rmtree(WORK / "template", ignore_errors=True)
    try:
        cli.main(["run", "--max-children", os.environ.get("CHILDREN", "2")], standalone_mode=False)
    except SystemExit as stopped:
        if stopped.code:
            return 2
    return report()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
