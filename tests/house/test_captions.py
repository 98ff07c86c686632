"""Words for codes have one home each: the captions of the package, or the room, that the code belongs to."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cohab_report import create_app
from cohab_report.catalogue import captions as catalogue
from cohab_report.intake import captions as intake
from cohab_report.triage import captions as triage
from cohab_report.web.captions import EVENTS, provide_captions
from tests.conftest import settings_for

ROOT = Path(__file__).parents[2] / "cohab_report"
MODULES = [
    import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
    for path in sorted(ROOT.rglob("captions.py"))
    if path.parent.name != "web"
]
GATHERED = (catalogue.KIND_CAPTIONS, intake.PUBLIC_STATUS_CAPTIONS, triage.CLOSING_REASON_CAPTIONS)
"""Tables whose words residents read too, so that a page might say them itself."""
OTHER_MEANINGS = {("templates/partner/handover.html", "Terminé")}
"""There a partner says that its own work is over."""


def captioned_enums(module: ModuleType) -> Iterator[tuple[str, type[Enum]]]:
    """Yields the name of each table of a captions module whose codes are an enum's members, and the enum."""
    for name, table in vars(module).items():
        codes = {type(code) for code in table} if name.isupper() and isinstance(table, Mapping) else set()
        yield from ((name, code) for code in codes if issubclass(code, Enum))


def test_the_captions_of_the_house_are_found():
    assert {"catalogue", "partners", "plan", "intake", "triage", "routing"} <= {
        module.__name__.split(".")[1] for module in MODULES
    }
    assert len([enum for module in MODULES for enum in captioned_enums(module)]) > 12


def test_no_two_tables_caption_the_same_enum():
    homes: dict[type[Enum], list[str]] = {}
    for module in MODULES:
        for name, enum in captioned_enums(module):
            homes.setdefault(enum, []).append(f"{module.__name__}.{name}")
    assert [found for found in homes.values() if len(found) > 1] == []


def test_an_enum_is_captioned_in_the_package_that_declares_it():
    strangers = [
        f"{module.__name__}.{name} captions {enum.__module__}.{enum.__name__}"
        for module in MODULES
        for name, enum in captioned_enums(module)
        if module.__package__ != enum.__module__.rpartition(".")[0]
    ]
    assert strangers == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_captions_module_says_words_and_knows_no_rule(module):
    functions = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    assert functions == []


def test_no_page_says_by_itself_what_a_table_says():
    texts = {path.relative_to(ROOT): path.read_text() for path in (ROOT / "templates").rglob("*.html")}
    words = {str(text._args[0]) for table in GATHERED for text in table.values()}
    assert "Propreté" in words
    copies = {(str(path), word) for path, text in texts.items() for word in words if f'_("{word}")' in text}
    assert copies == OTHER_MEANINGS


def test_each_table_that_a_page_asks_for_is_given_to_pages():
    app = create_app(settings_for("sqlite://"))
    tables: Any = app.jinja_env.globals["captions"]
    given = set(tables)
    assert EVENTS not in given
    for path in [*(ROOT / "templates" / "triage").rglob("*.html"), *(ROOT / "templates" / "resident").rglob("*.html")]:
        asked = set(re.findall(r"captions\.([A-Z_]+)", path.read_text()))
        assert asked <= given, (path.name, asked - given)


def test_a_table_with_two_homes_is_refused():
    app = create_app(settings_for("sqlite://"))
    with pytest.raises(ValueError, match="KIND_CAPTIONS has two homes"):
        provide_captions(app, catalogue)
