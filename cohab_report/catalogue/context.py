"""Gives every template the emergency numbers."""

from dataclasses import dataclass

from flask import Flask

from cohab_report.catalogue import queries
from cohab_report.db import Words
from cohab_report.web import context


@dataclass(frozen=True)
class EmergencyNumberContext:
    """An emergency number as templates read it: plain values that outlive the database session."""

    code: str
    number: str
    tel: str
    label: Words
    when: Words
    level: str

    @property
    def name(self) -> Words:
        """Returns the label: who answers."""
        return self.label


def init_app(app: Flask) -> None:
    """Registers `emergency_numbers` for every template, so that even an error page can say whom to call."""
    context.provide_fact(app, "emergency_numbers", _emergency_numbers)


def _emergency_numbers() -> list[EmergencyNumberContext]:
    return [
        EmergencyNumberContext(row.code, row.number, row.tel, row.label, row.when, row.level)
        for row in queries.emergency_numbers()
    ]
