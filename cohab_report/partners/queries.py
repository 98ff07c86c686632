"""Queries on partners and the people who work there."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from cohab_report.db import Words, db
from cohab_report.encrypted_numbers import decrypt_number
from cohab_report.errors import NotFound
from cohab_report.partners.models import Partner, Person
from cohab_report.settings import current_settings


def person_by_email(email: str) -> Person | None:
    """Returns the person with this e-mail address (case and surrounding spaces don't count), or None."""
    return db.session.scalars(select(Person).where(Person.email == email.strip().lower())).one_or_none()


def person_of_session(session_id: str) -> Person | None:
    """Returns the person of a session cookie's value; None if the password has changed since or the account is
    closed.
    """
    encrypted, _, version = session_id.partition(".")
    try:
        person = db.session.get(Person, decrypt_number("person", encrypted, key=current_settings().code_key))
    except NotFound:
        return None
    return person if person and person.is_active and str(person.session_version) == version else None


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
