"""The people one can sign in as when trying the product, one a role; which partners they work for follows from the city profile."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cohab_report.db import db
from cohab_report.demo import queries
from cohab_report.partners import operations, passwords
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Partner, Person, Role

EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
DOMAIN = "demo.test"


@dataclass(frozen=True)
class Cast:
    """Who acts in the made-up year."""

    ana: Person
    lin: Person
    noor: Person
    omar: Person
    comite: Person
    admin: Person

    def __iter__(self) -> Iterator[Person]:
        return iter((self.ana, self.lin, self.noor, self.omar, self.comite, self.admin))

    def worker_of(self, partner: Partner) -> Person | None:
        """Who answers for this partner, or None where nobody of the cast works."""
        return next((person for person in (self.lin, self.noor) if person.partner_id == partner.id), None)


@dataclass(frozen=True)
class SignIn:
    """How one of them signs in."""

    email: str
    role: Role
    partner: str
    password: str

    def __str__(self) -> str:
        return f"{self.email:<18} {self.password:<16} {self.role.value}{f', {self.partner}' if self.partner else ''}"


def new_password() -> str:
    """A random password that is easily read out and typed: 59 bits."""
    return "-".join("".join(secrets.choice(EASY_LETTERS) for _ in range(4)) for _ in range(3))


def hired(password: str, *, at: datetime) -> Cast:
    """The six accounts are there, open, where the city profile needs them, and have this password."""
    team, works, outreach = queries.team_partner(), queries.works_partner(), queries.outreach_partner()
    cast = Cast(
        ana=_person("ana", "Ana", Role.TRIAGER, team), lin=_person("lin", "Lin", Role.PARTNER, works),
        noor=_person("noor", "Noor", Role.PARTNER, outreach), omar=_person("omar", "Omar", Role.PILOT, team),
        comite=_person("comite", "Comité de suivi", Role.COMMITTEE, None), admin=_person("admin", "Administration", Role.ADMIN, team),
    )  # fmt: skip
    _give_password(cast, password, at)
    return cast


def _give_password(cast: Cast, password: str, at: datetime) -> None:
    """Hashing takes its time on purpose; the accounts share one password, so new ones share one hash as well."""
    fresh = [person for person in cast if not person.password_hash]
    shared = passwords.hashed(password) if fresh else ""
    for person in fresh:
        person.password_hash = shared
    db.session.flush()
    known = {kept: passwords.matches(password, kept) for kept in {person.password_hash for person in cast}}
    for person in cast:
        if not known[person.password_hash]:
            operations.change_password(person, password, by=person, at=at)


def sign_ins(cast: Cast, password: str) -> Sequence[SignIn]:
    """How each of them signs in."""
    return [
        SignIn(person.email, person.role, person.partner.code if person.partner else "", password) for person in cast
    ]


def dismissed() -> int:
    """The accounts are closed and whoever was signed in as them is so no longer; returns how many were open."""
    open_ones = [person for person in queries.demo_people() if person.is_active]
    for person in open_ones:
        person.is_active, person.session_version = False, person.session_version + 1
    return len(open_ones)


def _person(mailbox: str, name: str, role: Role, partner: Partner | None) -> Person:
    email = f"{mailbox}@{DOMAIN}"
    person = partners.person_by_email(email)
    if person is None:
        person = Person(email=email, name=name, password_hash="", session_version=1, is_demo=True)
        db.session.add(person)
    person.role, person.partner, person.is_active = role, partner, True
    return person
