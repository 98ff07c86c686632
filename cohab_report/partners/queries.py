"""Queries on partners and the people who work there."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from cohab_report.db import Words, db, updated_rows
from cohab_report.errors import NotFound
from cohab_report.partners import session_tokens
from cohab_report.partners.models import Partner, Person, StaffSession


def person_by_email(email: str) -> Person | None:
    """Returns the person with this e-mail address (case and surrounding spaces don't count), or None."""
    return db.session.scalars(select(Person).where(Person.email == email.strip().lower())).one_or_none()


def person_of_session(token: str) -> Person | None:
    """Returns the person of a session cookie's token; None when that session has ended or the account is closed."""
    is_open = (StaffSession.token_hash == session_tokens.hash_of(token)) & StaffSession.ended_at.is_(None)
    query = select(Person).join(StaffSession, StaffSession.person_id == Person.id).where(is_open, Person.is_active)
    person = db.session.scalars(query).one_or_none()
    if person is not None:
        person.session_token = token
    return person


def open_sessions(person: Person) -> Sequence[StaffSession]:
    """Returns the person's sessions that nobody has ended, the latest first; some may have expired."""
    query = select(StaffSession).where(StaffSession.person_id == person.id, StaffSession.ended_at.is_(None))
    return db.session.scalars(query.order_by(StaffSession.started_at.desc(), StaffSession.id.desc())).all()


def session_by_token(token: str) -> StaffSession:
    """Returns the session that this token opens or opened; raises NotFound."""
    query = select(StaffSession).where(StaffSession.token_hash == session_tokens.hash_of(token))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def session_or_refuse(person: Person, session_id: int) -> StaffSession:
    """Returns this session of this person; raises NotFound for another's."""
    found = db.session.get(StaffSession, session_id)
    if found is None or found.person_id != person.id:
        raise NotFound
    return found


def delete_sessions_before(moment: datetime) -> int:
    """Deletes the sessions that started before this moment; returns how many."""
    return updated_rows(delete(StaffSession).where(StaffSession.started_at < moment))


def person_names(journal_names: Iterable[str]) -> dict[str, str]:
    """Returns people's names by journal name; journal names of other actors (`system`, …) are left out."""
    numbers = {int(name.removeprefix("person:")) for name in journal_names if name.startswith("person:")}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(numbers))) if numbers else ()
    return {f"person:{number}": name for number, name in rows}


def partner_names(numbers: Iterable[int]) -> dict[int, Words]:
    """Returns the names of these partners by id, retired ones included."""
    ids = set(numbers)
    rows = (
        db.session.execute(select(Partner.id, Partner.name_fr, Partner.name_en).where(Partner.id.in_(ids)))
        if ids
        else ()
    )
    return {number: Words(fr, en) for number, fr, en in rows}


def partner_or_refuse(code: str) -> Partner:
    """Returns the partner of this code; raises NotFound if there is none or it is retired."""
    partner = db.session.scalars(select(Partner).where(Partner.code == code, ~Partner.is_retired)).one_or_none()
    if partner is None:
        raise NotFound
    return partner


def receiving_partners() -> Sequence[Partner]:
    """Returns the partners that may receive cases (they serve at least one purpose), by French name."""
    query = select(Partner).where(~Partner.is_retired).order_by(Partner.name_fr)
    return [partner for partner in db.session.scalars(query) if partner.purposes]
