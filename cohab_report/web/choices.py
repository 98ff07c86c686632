"""One option of a list in a form."""

from importlib import import_module
from typing import Any


def choice(value: str, label: object, group: str | None = None) -> Any:
    """An option for a WTForms field: what is sent, what is read, and under which heading it stands in the list."""
    # Imported by name because the published types of WTForms don't know the class yet, and tuples are about to be refused.
    return import_module("wtforms.fields.choices").SelectChoice(value, label, optgroup=group)
