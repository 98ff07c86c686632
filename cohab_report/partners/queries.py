"""Answers about partners and the people who work there."""

from collections.abc import Sequence

from sqlalchemy import select

from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.partners.models import Partner, Person


def person_by_email(email: str) -> Person | None:
    """The person of this address, however it was typed, or None."""
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def person_of_session(session_id: str) -> Person | None:
    """The active person whose session this is, or None when the password has changed since, or the account is closed."""
    number, _, version = session_id.partition(".")
    if not (number.isascii() and number.isdigit() and version.isascii() and version.isdigit() and len(number) < 19):
        return None
    person = db.session.get(Person, int(number))
    return person if person and person.is_active and str(person.session_version) == version else None


def partner_or_refuse(code: str) -> Partner:
    """The partner of this code; raises NotThere."""
    partner = db.session.scalar(select(Partner).where(Partner.code == code, ~Partner.is_retired))
    if partner is None:
        raise NotThere
    return partner


def receiving_partners() -> Sequence[Partner]:
    """The partners that cases may be entrusted to, by name: those that serve at least one purpose."""
    query = select(Partner).where(~Partner.is_retired).order_by(Partner.name_fr)
    return [partner for partner in db.session.scalars(query) if partner.purposes]
