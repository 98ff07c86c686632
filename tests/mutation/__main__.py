"""Break the code in many small ways and see which of them no test notices.

    make mutants                                          all that `[tool.mutmut]` of pyproject.toml names: hours
    make mutants ARGS=cohab_report/partners/hours.py      one file or folder, against the tests of its package
    make mutants ARGS="cohab_report/intake/rules.py tests/intake/test_rules.py"    … or against these tests alone

mutmut makes the mutants, in `mutants/`; `trials.py` tries them. Results are kept there: what was killed is not tried
again until its function changes, what survived not until the tests that reach it do. Each survivor is printed as a
diff, then file by file how many were killed; docs/mutants.md says why some may survive.
"""

import io
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path

import libcst
import pytest
from mutmut.__main__ import create_mutants
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths, walk_mutatable_files

from tests.mutation.trials import KILLED, SURVIVED, TIMEOUT, Trials

WORK = Path("mutants")
CODE = "cohab_report"
MEMORIES = {"cache", "lru_cache"}
CHILDREN = int(os.environ.get("CHILDREN", "2"))


def mutate_what_is_remembered() -> None:
    """mutmut leaves decorated functions alone; one that only remembers its answers is mutated like any other.

    The tests of a mutant run in a process that remembers nothing yet.
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


def choose(paths: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Returns the files to break and the tests to run: those that are named, or those of the named files' packages."""
    code = [Path(path) for path in paths if path.startswith(CODE)]
    tests = [path for path in paths if path.startswith("tests")]
    if code:
        config().only_mutate += [str(path) if path.suffix else f"{path}/*" for path in code]
        tests = tests or sorted({f"tests/{path.parts[1].removesuffix('.py')}" for path in code})
    files = sorted(walk_mutatable_files())
    return (
        [file for file in files if not code or any(file.is_relative_to(path) for path in code)],
        tests or config().pytest_add_cli_args_test_selection,
    )


def forget_mere_copies() -> None:
    """Deletes what an earlier run only copied: it may have changed since, or pass for a file that was mutated."""
    mutated = [path for path in walk_mutatable_files() if (WORK / f"{path}.meta").exists()]
    kept = {WORK / f"{path}{ending}" for path in mutated for ending in ("", ".meta", ".spans")}
    for folder in (CODE, "tests", "migrations"):
        for copy in (WORK / folder).rglob("*"):
            if copy.is_file() and copy not in kept:
                copy.unlink()


def generate() -> None:
    """Writes the mutants of every file that may be broken to `mutants/`, beside a copy of all else."""
    WORK.mkdir(exist_ok=True)
    set_mutant_under_test("mutant_generation")
    forget_mere_copies()
    with redirect_stdout(io.StringIO()):
        copy_src_dir()
        copy_also_copy_files()
        create_mutants(CHILDREN)
    setup_source_paths()
    set_mutant_under_test("")


def mutants_of(file: Path) -> SourceFileMutationData:
    """The mutants of a file, by name, with what became of them."""
    mutants = SourceFileMutationData(path=file)
    mutants.meta_path = mutants.meta_path.absolute()
    mutants.load()
    return mutants


def diff(name: str, file: Path) -> Iterator[str]:
    """The lines that the mutant changed."""
    for line in get_diff_for_mutant(name, path=file).splitlines():
        if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}:
            yield line


def report(files: Sequence[SourceFileMutationData]) -> int:
    """Tells what was found; returns 1 when something survived."""
    lines: list[str] = []
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for mutants in files:
        for name, code in mutants.exit_code_by_key.items():
            for part in (str(mutants.path), "all"):
                counts[part][code] += 1
            if code == SURVIVED:
                lines += [f"survived: {name}", *diff(name, mutants.path)]
    survived = len(lines)
    for part, count in sorted(counts.items()):
        killed, total = count[KILLED] + count[TIMEOUT], count.total()
        lines.append(
            f"{killed:5} of {total:5} killed ({killed / total:6.1%}), {count[TIMEOUT]} of them by timeout  {part}"
        )
    sys.stdout.write("\n".join([*lines, ""]))
    return 1 if survived else 0


def main(paths: Sequence[str]) -> int:
    """Breaks and tries, then reports; returns 2 when a test fails on the code as it is, whose report is above."""
    mutate_what_is_remembered()
    chosen, tests = choose(paths)
    generate()
    files = [mutants_of(file) for file in chosen]
    if not Trials(files, CHILDREN).run(WORK, tests):
        return 2
    return report(files)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
