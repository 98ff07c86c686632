"""Keeps the tests of one mutant short and always the same: one database template for all, examples that never vary.

A pytest plugin, named in `[tool.mutmut]` of pyproject.toml.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests import servers
from tests.mutation.reach import TEMPLATE

EXAMPLES = 12
"""A property is tried on so many examples, or fewer if it says so itself."""


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis tries the same examples each time, however slow the machine is; the template database is made once."""
    settings.register_profile(
        "mutants",
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],  # the first example that fails will do; nobody reads a smaller one
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")
    make = servers.sqlite_template

    def kept(_folder: Path, fill: Callable[[str], None]) -> Path:
        return make(TEMPLATE.absolute(), fill)

    pytest.MonkeyPatch().setattr(servers, "sqlite_template", kept)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A property that asks for more examples than that does with fewer here."""
    for item in items:
        own = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
        if own is not None:
            item.obj._hypothesis_internal_use_settings = settings(own, max_examples=min(EXAMPLES, own.max_examples))  # type: ignore[attr-defined]
