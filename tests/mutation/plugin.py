"""Keeps the tests of one mutant short and always the same: one database template for all, examples that never vary.

A pytest plugin, named in `[tool.mutmut]` of pyproject.toml.
"""

import gc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests import servers

KEPT = Path("template").resolve()
"""Beside the mutated copy of the code, where the tests run."""


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis tries the same examples each time, however slow the machine is; the template database is made once."""
    gc.freeze()  # all that was imported before stays: no collection looks at it again, nor copies its pages
    settings.register_profile(
        "mutants",
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=40,
        phases=[Phase.explicit, Phase.generate],  # the first example that fails will do; nobody reads a smaller one
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")
    make = servers.sqlite_template

    def kept(_folder: Path, fill: Callable[[str], None]) -> Path:
        return make(KEPT, fill)

    pytest.MonkeyPatch().setattr(servers, "sqlite_template", kept)
