"""The glossary names what is in the code: a name that changes there changes here."""

import ast
import re
from pathlib import Path

import cohab_report

PACKAGE = Path(cohab_report.__file__).parent
GLOSSARY = PACKAGE.parent / "docs" / "glossary.md"
ROW = re.compile(r"\| `(\w+)` \| ([^|]+) \| ([^|]+) \|")


def glossary_rows() -> list[tuple[str, str, str]]:
    """Returns the code word, the French word and the meaning of each line."""
    return ROW.findall(GLOSSARY.read_text())


def top_level_names() -> set[str]:
    """Returns the names of all classes and functions of the product's modules."""
    modules = (ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py"))
    return {
        statement.name
        for module in modules
        for statement in module.body
        if isinstance(statement, ast.ClassDef | ast.FunctionDef)
    }


def test_the_glossary_has_thirty_words_or_more_each_once_with_their_meaning_in_one_line():
    words = [word for word, _french, _meaning in glossary_rows()]
    assert len(words) == len(set(words)) >= 30
    for word, _french, meaning in glossary_rows():
        assert meaning.endswith("."), word
        assert len(meaning) <= 120, word


def test_every_word_of_the_glossary_is_a_name_in_the_code():
    assert {word for word, _french, _meaning in glossary_rows()} - top_level_names() == set()
