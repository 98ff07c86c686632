"""Demo accounts, at least one a role; their partners follow from the city profile."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cohab_report.db import db
from cohab_report.demo import queries
from cohab_report.partners import operations, passwords
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Partner, Person, Role

READABLE_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
DEMO_DOMAIN = "demo.test"


@dataclass(frozen=True)
class DemoCast:
    """The six demo people who act in the demo year."""

    ana: Person
    lin: Person
    noor: Person
    omar: Person
    comite: Person
    admin: Person

    def __iter__(self) -> Iterator[Person]:
        return iter((self.ana, self.lin, self.noor, self.omar, self.comite, self.admin))

    def worker_of(self, partner: Partner) -> Person | None:
        """Returns the demo person who works for this partner, or None."""
        return next((person for person in (self.lin, self.noor) if person.partner_id == partner.id), None)


@dataclass(frozen=True)
class DemoSignIn:
    """A demo person's sign-in: e-mail address, role, partner and password."""

    email: str
    role: Role
    partner: str
    password: str

    def __str__(self) -> str:
        return f"{self.email:<18} {self.password:<16} {self.role.value}{f', {self.partner}' if self.partner else ''}"


def new_password() -> str:
    """Returns a random password of 59 bits that is easy to read out and type."""
    return "-".join("".join(secrets.choice(READABLE_CHARACTERS) for _ in range(4)) for _ in range(3))


def create_accounts(password: str, *, at: datetime) -> DemoCast:
    """Creates or reopens the six demo accounts with this password, at the partners that the city profile names."""
    team, works, outreach = queries.team_partner(), queries.works_partner(), queries.outreach_partner()
    cast = DemoCast(
        ana=_create_or_open_account("ana", "Ana", Role.TRIAGER, team),
        lin=_create_or_open_account("lin", "Lin", Role.PARTNER, works),
        noor=_create_or_open_account("noor", "Noor", Role.PARTNER, outreach),
        omar=_create_or_open_account("omar", "Omar", Role.PILOT, team),
        comite=_create_or_open_account("comite", "Comité de suivi", Role.COMMITTEE, None),
        admin=_create_or_open_account("admin", "Administration", Role.ADMIN, team),
    )
    _set_password(cast, password, at)
    return cast


def _set_password(cast: DemoCast, password: str, at: datetime) -> None:
    """Sets the password of all accounts, hashing and checking it once for each hash: both are slow on purpose."""
    new_people = [person for person in cast if not person.password_hash]
    shared_hash = passwords.hash_password(password) if new_people else ""
    for person in new_people:
        person.password_hash = shared_hash
    db.session.flush()
    hashes = {person.password_hash for person in cast}
    matches = {password_hash: passwords.matches(password, password_hash) for password_hash in hashes}
    for person in cast:
        if not matches[person.password_hash]:
            operations.change_password(person, password, by=person, at=at)


def demo_sign_ins(cast: DemoCast, password: str) -> Sequence[DemoSignIn]:
    """Returns the sign-ins of the demo people."""
    return [
        DemoSignIn(person.email, person.role, person.partner.code if person.partner else "", password)
        for person in cast
    ]


def close_accounts() -> int:
    """Closes the demo accounts and ends their sessions; returns how many were open."""
    active_people = [person for person in queries.demo_people() if person.is_active]
    for person in active_people:
        person.is_active, person.session_version = False, person.session_version + 1
    return len(active_people)


def _create_or_open_account(mailbox: str, name: str, role: Role, partner: Partner | None) -> Person:
    email = f"{mailbox}@{DEMO_DOMAIN}"
    person = partners.person_by_email(email)
    if person is None:
        person = Person(email=email, name=name, password_hash="", session_version=1, is_demo=True)
        db.session.add(person)
    person.role, person.partner, person.is_active = role, partner, True
    return person
