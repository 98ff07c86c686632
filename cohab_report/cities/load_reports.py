"""The results of loading a city profile and an outline, as a person reads them before and after."""

from dataclasses import dataclass, field

from cohab_report.cities.site_protection import ProtectionReport
from cohab_report.cities.upsert import TableReport
from cohab_report.csv_tables import Mistake


@dataclass
class LoadReport:
    """The result of loading a profile: a report for each table, and whether the outline is new."""

    city: str
    source: str = ""
    """Where the profile was read from, as in `tables.profile_source`."""
    former_source: str = ""
    """Where the profile that was loaded before was read from, if that is known and is somewhere else."""
    warnings: tuple[Mistake, ...] = ()
    tables: dict[str, TableReport] = field(default_factory=dict)
    outline_is_new: bool = False
    protection: ProtectionReport = field(default_factory=ProtectionReport)
    """What the protected sites changed of observations that were there already."""
    broken_promises: tuple[str, ...] = ()
    """What the rules break together with those of people, one sentence each; a person has to mend it."""

    @property
    def changed_nothing(self) -> bool:
        """Returns whether everything was in the database already."""
        return not self.outline_is_new and not self.protection and not any(self.tables.values())

    @property
    def questions(self) -> tuple[str, ...]:
        """Returns what a person should agree to before it is done to a city that is loaded, a sentence a line."""
        if not (self.former_source or self.outline_is_new or any(self.tables.values())):
            return ()
        lines = [f"profile: {self.source}, and until now {self.former_source}"] if self.former_source else []
        lines += [f"{name} {change}" for name, table in self.tables.items() for change in table.changes]
        lines += ["boundary: another outline"] if self.outline_is_new else []
        return (*lines, f"protection: {self.protection}") if self.protection else tuple(lines)

    def __str__(self) -> str:
        lines = [f"  {name}: {report}" for name, report in self.tables.items() if report]
        if self.outline_is_new:
            lines.append("  boundary: a new outline")
        if self.protection:
            lines.append(f"  protection: {self.protection}")
        title = f"{self.city}: nothing to change" if self.changed_nothing else f"{self.city}:"
        left_alone = [
            f"  {name}: {code} left alone, {reason}"
            for name, report in self.tables.items()
            for code, reason in sorted(report.left_alone.items())
        ]
        to_mend = [f"  to mend: {each}" for each in self.broken_promises]
        return "\n".join([title, *lines, *left_alone, *to_mend, *(f"  {each}" for each in self.warnings)])


@dataclass(frozen=True)
class OutlineReport:
    """The result of loading an outline: whether it is new, and the codes of what lies outside of it.

    Residents can't choose such a place, and such a protected site protects nothing.
    """

    is_new: bool
    places_outside: tuple[str, ...] = ()
    sites_outside: tuple[str, ...] = ()

    def __str__(self) -> str:
        change = "boundary: a new outline" if self.is_new else "boundary: nothing to change"
        places = "".join(f"\n  outside of it: {code}" for code in self.places_outside)
        return change + places + "".join(f"\n  outside of it, protects nothing: {code}" for code in self.sites_outside)
