"""Filters of a queue, as query parameters of its page; saved_filter under a name, and shared with the team.

A saved filter holds no case and no count, and opens nothing that its reader could not open alone. Saving one is not
recorded in the journal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Kind
from cohab_report.db import db
from cohab_report.errors import Invalid, NotFound
from cohab_report.partners.models import Person, Role
from cohab_report.territory import queries as territory
from cohab_report.triage.models import CaseState
from cohab_report.triage.waiting.models import Queue, SavedFilter
from cohab_report.triage.waiting.queries import CaseFilter

LONGEST_FILTER_NAME = 60
"""Characters that the name of a filter may have."""
MOST_SAVED_FILTERS = 30
"""How many filters one person may save."""
SWITCHES = ("mine", "unclaimed", "overdue")
"""The parameters that are either on or absent."""
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class FilterForReader:
    """A saved filter as one reader may use it."""

    id: int
    name: str
    queue: Queue
    parameters: Mapping[str, str]
    """The query parameters that are still valid."""
    is_shared: bool
    is_own: bool
    owner_name: str


def valid_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Returns those query parameters that are known filters with values that exist today; all others are left out."""
    parsers: Mapping[str, Callable[[str], object]] = {
        "kind": Kind,
        "category": catalogue.category_facts,
        "state": CaseState,
        "sector": _known_sector_code,
    }
    values = {
        name: parameters[name]
        for name, parse in parsers.items()
        if parameters.get(name) and _parse_or_none(parse, parameters[name]) is not None
    }
    return values | {name: "1" for name in SWITCHES if parameters.get(name)}


def case_filter(parameters: Mapping[str, str], *, reader: Person) -> CaseFilter:
    """Returns the filter that these parameters describe.

    `mine` means the reader's own cases, whoever saved the filter.
    """
    valid = valid_parameters(parameters)
    return CaseFilter(
        kind=_parse_or_none(Kind, valid.get("kind", "")),
        category=valid.get("category"),
        state=_parse_or_none(CaseState, valid.get("state", "")),
        sector=valid.get("sector"),
        claimed_by=reader.id if "mine" in valid else None,
        unclaimed="unclaimed" in valid,
        overdue="overdue" in valid,
    )


def filters_for(reader: Person) -> Sequence[FilterForReader]:
    """Returns the reader's own saved filters, then those that active triage people share, by queue and name.

    Own filters are returned even when their queue is retired, so that they can be deleted.
    """
    shared = and_(SavedFilter.is_shared, ~Queue.is_retired, Person.is_active, Person.role == Role.TRIAGER)
    query = (
        select(SavedFilter)
        .join(SavedFilter.person)
        .join(SavedFilter.queue)
        .where(or_(SavedFilter.person_id == reader.id, shared))
    )
    rows = db.session.scalars(query.options(contains_eager(SavedFilter.person), contains_eager(SavedFilter.queue)))
    filters = [
        FilterForReader(
            row.id,
            row.name,
            row.queue,
            valid_parameters(row.query),
            row.is_shared,
            row.person_id == reader.id,
            row.person.name,
        )
        for row in rows
    ]
    return sorted(filters, key=lambda each: (not each.is_own, each.queue.position, each.name.casefold(), each.id))


def save_filter(
    person: Person, queue: Queue, *, name: str, parameters: Mapping[str, str], shared: bool, at: datetime
) -> SavedFilter:
    """Saves these filters of the queue under a name for the person.

    Raises Invalid on `name`: missing, too_long, taken (the person has one of that name, in whatever case), too_many,
    or no_filter when no parameter is valid.
    """
    tidy_name, query = _one_printable_line(name), valid_parameters(parameters)
    own_names = db.session.scalars(select(SavedFilter.name).where(SavedFilter.person_id == person.id)).all()
    if not tidy_name:
        raise Invalid("name", "missing")
    if len(tidy_name) > LONGEST_FILTER_NAME:
        raise Invalid("name", "too_long")
    if not query:
        raise Invalid("name", "no_filter")
    if tidy_name.casefold() in {own_name.casefold() for own_name in own_names}:
        raise Invalid("name", "taken")
    if len(own_names) >= MOST_SAVED_FILTERS:
        raise Invalid("name", "too_many")
    saved_filter = SavedFilter(
        person_id=person.id, queue_id=queue.id, name=tidy_name, query=query, is_shared=shared, created_at=at
    )
    db.session.add(saved_filter)
    db.session.flush()
    return saved_filter


def share_filter(number: int, *, by: Person) -> str:
    """Shares the person's filter with the team and returns its name; raises NotFound when they have no such filter."""
    return _set_shared(number, by, shared=True)


def unshare_filter(number: int, *, by: Person) -> str:
    """Ends the sharing of the person's filter and returns its name; raises NotFound when they have no such filter."""
    return _set_shared(number, by, shared=False)


def delete_filter(number: int, *, by: Person) -> str:
    """Deletes the person's filter and returns the name it had; raises NotFound when they have no such filter."""
    saved_filter = _own_filter_or_refuse(number, by)
    db.session.delete(saved_filter)
    return saved_filter.name


def _set_shared(number: int, by: Person, *, shared: bool) -> str:
    saved_filter = _own_filter_or_refuse(number, by)
    saved_filter.is_shared = shared
    return saved_filter.name


def _own_filter_or_refuse(number: int, person: Person) -> SavedFilter:
    saved_filter = db.session.scalars(
        select(SavedFilter).where(SavedFilter.id == number, SavedFilter.person_id == person.id)
    ).one_or_none()
    if saved_filter is None:
        raise NotFound
    return saved_filter


def _one_printable_line(name: str) -> str:
    """Returns the name on one line, without characters that can't be seen."""
    return "".join(character for character in " ".join(name.split()) if character.isprintable())


def _known_sector_code(code: str) -> str:
    if code not in {sector.code for sector in territory.city_facts().sectors}:
        raise NotFound
    return code


def _parse_or_none(parse: Callable[[str], Parsed], text: str) -> Parsed | None:
    try:
        return parse(text) if text else None
    except (ValueError, NotFound):
        return None
