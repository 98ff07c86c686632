"""What the flask commands of several packages share; each command stands in its package's `commands.py`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from cohab_report.csv_tables import TableRefused


def prints_mistakes(command: Callable[..., None]) -> Callable[..., None]:
    """Decorates a command: when its files are refused, prints each mistake on a line and exits with status 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except TableRefused as refused:
            for mistake in sorted((*refused.mistakes, *refused.warnings)):
                click.echo(str(mistake), err=True)
            raise click.ClickException(f"{len(refused.mistakes)} to mend, nothing was written") from None

    return run
