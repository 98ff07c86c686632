"""The emergency numbers as every template reads them."""

from dataclasses import dataclass

from cohab_report.catalogue import queries
from cohab_report.db import Words


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


def emergency_numbers_context() -> list[EmergencyNumberContext]:
    """Returns the emergency numbers for templates."""
    return [
        EmergencyNumberContext(row.code, row.number, row.tel, row.label, row.when, row.level)
        for row in queries.emergency_numbers()
    ]
