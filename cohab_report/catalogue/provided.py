"""What every page may show of whom to call without asking for it."""

from dataclasses import dataclass

from flask import Flask

from cohab_report.catalogue import queries
from cohab_report.db import Words
from cohab_report.web import context


@dataclass(frozen=True)
class Number:
    """A number to call, as plain values that outlive the session."""

    code: str
    number: str
    tel: str
    label: Words
    when: Words
    level: str

    @property
    def name(self) -> Words:
        """Who answers."""
        return self.label


def init_app(app: Flask) -> None:
    """Every template knows `emergency_numbers`, so that even an error page can say whom to call."""
    context.provide(app, "emergency_numbers", _numbers)


def _numbers() -> list[Number]:
    return [
        Number(row.code, row.number, row.tel, row.label, row.when, row.level) for row in queries.emergency_numbers()
    ]
