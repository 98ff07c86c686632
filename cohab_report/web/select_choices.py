"""Options of select fields in WTForms."""

from importlib import import_module
from typing import Any


def select_choice(value: str, label: object, group: str | None = None) -> Any:
    """Returns an option of a select field: its value, its label, and the heading (`group`) of its option group."""
    # Imported by name because the published types of WTForms don't know the class yet, and tuples are about to be
    # refused.
    return import_module("wtforms.fields.choices").SelectChoice(value, label, optgroup=group)
