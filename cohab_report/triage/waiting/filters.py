"""What a reader of a queue asks for, as the address of its page says it; kept under a name, and shared with the team.

A kept filter is an address with a name: it holds no case and no count, and opens nothing that its reader could not open alone. What
one person keeps is no business of the journal.
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
from cohab_report.errors import Invalid, NotThere
from cohab_report.partners.models import Person, Role
from cohab_report.territory import queries as territory
from cohab_report.triage.models import CaseState, Queue, SavedFilter
from cohab_report.triage.waiting.queries import Wanted

LONGEST_NAME = 60
MOST = 30
"""How many filters one person may keep."""
SWITCHES = ("mine", "unclaimed", "overdue")
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class KeptFilter:
    """A filter that somebody kept, as a reader may use it."""

    id: int
    name: str
    queue: Queue
    asked: Mapping[str, str]
    """What of it still means something."""
    is_shared: bool
    is_mine: bool
    by: str


def meant(asked: Mapping[str, str]) -> dict[str, str]:
    """Those filters that are known and mean something today; whatever else an address or an old filter holds is left out."""
    known: Mapping[str, Callable[[str], object]] = {
        "kind": Kind,
        "category": catalogue.in_force,
        "state": CaseState,
        "sector": _sector,
    }
    found = {
        name: asked[name] for name, reads in known.items() if asked.get(name) and _read(reads, asked[name]) is not None
    }
    return found | {name: "1" for name in SWITCHES if asked.get(name)}


def wanted(asked: Mapping[str, str], *, reader: Person) -> Wanted:
    """What these filters ask of a queue; what is « mine » is the reader's, whoever kept the filter."""
    known = meant(asked)
    return Wanted(
        kind=_read(Kind, known.get("kind", "")),
        category=known.get("category"),
        state=_read(CaseState, known.get("state", "")),
        sector=known.get("sector"),
        claimed_by=reader.id if "mine" in known else None,
        unclaimed="unclaimed" in known,
        overdue="overdue" in known,
    )


def kept_for(reader: Person) -> Sequence[KeptFilter]:
    """The filters that the reader kept, then those that others who still triage share, each in the order of queues and names.

    One's own are there even when their queue is no more, so that they can be deleted.
    """
    shared = and_(SavedFilter.is_shared, ~Queue.is_retired, Person.is_active, Person.role == Role.TRIAGER)
    query = (
        select(SavedFilter)
        .join(SavedFilter.person)
        .join(SavedFilter.queue)
        .where(or_(SavedFilter.person_id == reader.id, shared))
    )
    rows = db.session.scalars(query.options(contains_eager(SavedFilter.person), contains_eager(SavedFilter.queue)))
    found = [
        KeptFilter(row.id, row.name, row.queue, meant(row.query), row.is_shared, row.person_id == reader.id, row.person.name)
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda each: (not each.is_mine, each.queue.position, each.name.casefold(), each.id))


def save_filter(
    person: Person, queue: Queue, *, name: str, asked: Mapping[str, str], shared: bool, at: datetime
) -> SavedFilter:
    """The person keeps these filters of the queue under that name.

    Raises Invalid on `name`: missing, too_long, taken (the person has one of that name, in whatever case), too_many, or no_filter when
    nothing that is asked means anything.
    """
    tidy, query = _tidy(name), meant(asked)
    mine = db.session.scalars(select(SavedFilter.name).where(SavedFilter.person_id == person.id)).all()
    if not tidy:
        raise Invalid("name", "missing")
    if len(tidy) > LONGEST_NAME:
        raise Invalid("name", "too_long")
    if not query:
        raise Invalid("name", "no_filter")
    if tidy.casefold() in {known.casefold() for known in mine}:
        raise Invalid("name", "taken")
    if len(mine) >= MOST:
        raise Invalid("name", "too_many")
    saved = SavedFilter(person_id=person.id, queue_id=queue.id, name=tidy, query=query, is_shared=shared, created_at=at)
    db.session.add(saved)
    db.session.flush()
    return saved


def share(number: int, *, by: Person) -> str:
    """The whole team reads this filter of the person's; returns its name. Raises NotThere when the person has no such filter."""
    return _told(number, by, shared=True)


def unshare(number: int, *, by: Person) -> str:
    """Only the person reads this filter of theirs; returns its name. Raises NotThere when the person has no such filter."""
    return _told(number, by, shared=False)


def delete_filter(number: int, *, by: Person) -> str:
    """This filter of the person's is no more, for anybody; returns the name it had. Raises NotThere when the person has no such filter."""
    saved = _own_or_refuse(number, by)
    db.session.delete(saved)
    return saved.name


def _told(number: int, by: Person, *, shared: bool) -> str:
    saved = _own_or_refuse(number, by)
    saved.is_shared = shared
    return saved.name


def _own_or_refuse(number: int, person: Person) -> SavedFilter:
    saved = db.session.scalars(
        select(SavedFilter).where(SavedFilter.id == number, SavedFilter.person_id == person.id)
    ).one_or_none()
    if saved is None:
        raise NotThere
    return saved


def _tidy(name: str) -> str:
    """The name on one line, without signs that can't be seen."""
    return "".join(sign for sign in " ".join(name.split()) if sign.isprintable())


def _sector(code: str) -> str:
    if code not in {sector.code for sector in territory.ground().sectors}:
        raise NotThere
    return code


def _read(kind: Callable[[str], Choice], text: str) -> Choice | None:
    try:
        return kind(text) if text else None
    except (ValueError, NotThere):
        return None
