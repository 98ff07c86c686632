"""What nothing uses is deleted: style rules, icons, macros, scripts and their exports. What is imported is declared.

`dead_python.py` says the same of Python, with Vulture, in `make check`.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "cohab_report"
STATIC = APP / "static"
TEMPLATES = {
    path.relative_to(APP / "templates").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((APP / "templates").rglob("*"))
    if path.is_file()
}
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((STATIC / "js").glob("*.js"))}
PYTHON = {path: path.read_text(encoding="utf-8") for path in sorted(APP.rglob("*.py"))}
VENDOR = "\n".join(path.read_text(encoding="utf-8") for path in sorted((STATIC / "vendor").rglob("leaflet.*")))
EVERYTHING = "\n".join([*TEMPLATES.values(), *SCRIPTS.values(), *PYTHON.values()])
COMPOSED = re.compile(r"""([a-z]+(?:-[a-z]+)*-{1,2})(?:\{\{|\$\{|["'] ~)""")
"""The constant beginning of a class whose end a template or a script fills in: `pill--{{ … }}`, `shape-${…}`."""

# Names that nothing uses yet, each with what will.
MACROS_TO_COME = {"undo": "what is offered after an act"}


def classes() -> set[str]:
    """The classes that our style sheets name."""
    sheets = "\n".join(path.read_text(encoding="utf-8") for path in sorted((STATIC / "css").glob("*.css")))
    bare = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", sheets, flags=re.DOTALL)
    selectors = re.findall(r"([^{};]+)\{", bare)
    return {name for selector in selectors for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)}


def is_composed(name: str, beginnings: set[str], quoted: set[str]) -> bool:
    """Whether a class is put together of a beginning that somebody writes and an end that somebody names."""
    return any(name.startswith(each) and name.removeprefix(each) in quoted for each in beginnings)


def test_every_style_class_is_used() -> None:
    words = set(re.findall(r"[\w-]+", EVERYTHING)) | set(re.findall(r"[\w-]+", VENDOR))
    quoted = set(re.findall(r"""["'}]([a-z][a-z_-]*)["'{]""", EVERYTHING))
    beginnings = set(COMPOSED.findall(EVERYTHING))
    unused = {name for name in classes() - words if not is_composed(name, beginnings, quoted)}
    assert unused == set(), "no template, script or module names these classes"


def test_every_icon_is_used() -> None:
    icons = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons" / "icons.svg").read_text(encoding="utf-8")))
    named = set(re.findall(r"""["'#]([\w-]+)["'`]""", EVERYTHING))
    assert icons - named == set(), "no template, script or module names these icons"
    shown = set(re.findall(r'\bicon\("([\w-]+)"', EVERYTHING))
    assert shown <= icons, "these icons are not there"


def imported_macros(text: str) -> Iterator[str]:
    """What a template imports by name, each as it is called there."""
    for names in re.findall(r"{%-? *from \"[^\"]+\" import (.*?) *-?%}", text, flags=re.DOTALL):
        for name in names.replace(" with context", "").split(","):
            yield name.split(" as ")[-1].strip()


def test_every_macro_is_used() -> None:
    called = re.compile(r"(?<!macro )\b(\w+)\(")
    unused = {
        (name, macro)
        for name, text in TEMPLATES.items()
        for macro in re.findall(r"{%-? *macro (\w+)", text)
        if macro not in called.findall(text)
        and not any(macro in imported_macros(other) for other in TEMPLATES.values() if other is not text)
        and macro not in MACROS_TO_COME
    }
    assert unused == set(), "no template calls these macros"


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_a_template_imports_it_uses(name: str) -> None:
    text = re.sub(r"{%-? *from .*?%}", "", TEMPLATES[name], flags=re.DOTALL)
    unused = [macro for macro in imported_macros(TEMPLATES[name]) if not re.search(rf"\b{macro}\b", text)]
    assert unused == []


def behaviours() -> set[str]:
    """The modules that templates wake."""
    values = re.findall(r'data-behaviour="([^"]+)"', "\n".join(TEMPLATES.values()))
    return {name for value in values for name in value.split()}


def imports_of(script: str) -> dict[str, set[str]]:
    """The modules that a script imports, each with the names that it takes from there."""
    found = re.findall(r'^import (?:\{([^}]*)\} from )?"\./([\w-]+)\.js";', SCRIPTS[script], flags=re.MULTILINE)
    return {module: {each.split(" as ")[0].strip() for each in names.split(",")} - {""} for names, module in found}


def test_every_behaviour_is_a_script_and_every_script_is_reached() -> None:
    reached: set[str] = set()
    todo = behaviours() | {"main", "worker"}
    while todo:
        name = todo.pop()
        assert name in SCRIPTS, f"there is no script for the behaviour {name}"
        reached.add(name)
        todo |= imports_of(name).keys() - reached
    assert set(SCRIPTS) - reached == set(), "no page wakes these scripts and none of those imports them"


def test_every_export_of_a_script_is_imported() -> None:
    exports = re.compile(r"^export (?:async )?(?:function|const) (\w+)", re.MULTILINE)
    woken = {(name, "wake") for name in behaviours()}
    taken = {(module, name) for script in SCRIPTS for module, names in imports_of(script).items() for name in names}
    unused = {(script, name) for script, text in SCRIPTS.items() for name in exports.findall(text)} - taken - woken
    assert unused == set()


def imported_packages() -> Iterator[tuple[str, str]]:
    """Each package of others that the product imports, and where."""
    for path in [*PYTHON, *sorted((ROOT / "deploy").rglob("*.py")), ROOT / "migrations" / "env.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            for package in {module.split(".")[0] for module in modules} - {"cohab_report", "deploy", "wsgi"}:
                if package not in sys.stdlib_module_names:
                    yield package, str(path.relative_to(ROOT))


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {normalized(requirement) for requirement in project["dependencies"]}
    distributions = packages_distributions()
    undeclared = {
        (package, where)
        for package, where in imported_packages()
        if not declared & {normalized(each) for each in distributions.get(package, [package])}
    }
    assert undeclared == set(), "pyproject.toml declares what is imported, not what comes along with something else"


def normalized(requirement: str) -> str:
    """The name of a distribution as an index compares it, without versions and extras."""
    name = re.match(r"[\w.-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()
