"""Demo accounts, at least one a role; their partners follow from the city profile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cohab_report import journal
from cohab_report.db import db
from cohab_report.demo import queries
from cohab_report.partners import operations, passwords
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Partner, Person, Role

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


@dataclass(frozen=True)
class AccountPassword:
    """The password of all demo accounts: a hash of it, and those hashes of present accounts that are of it too."""

    password: str
    new_hash: str
    present_hashes: frozenset[str]


def account_password(password: str) -> AccountPassword:
    """Returns the password with its hashes; call it before the transaction, since hashing is slow on purpose."""
    hashes = {person.password_hash for person in queries.demo_people()}
    present_hashes = frozenset(each for each in hashes if passwords.matches(password, each))
    return AccountPassword(password, passwords.hash_password(password), present_hashes)


def create_accounts(password: AccountPassword, *, at: datetime) -> DemoCast:
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


def _set_password(cast: DemoCast, password: AccountPassword, at: datetime) -> None:
    db.session.flush()
    for person in cast:
        if not person.password_hash:
            person.password_hash = password.new_hash
        elif person.password_hash not in password.present_hashes:
            operations.change_password(person, password.new_hash, by=person, at=at)


def demo_sign_ins(cast: DemoCast, password: str) -> Sequence[DemoSignIn]:
    """Returns the sign-ins of the demo people."""
    return [
        DemoSignIn(person.email, person.role, person.partner.code if person.partner else "", password)
        for person in cast
    ]


def close_accounts(*, at: datetime) -> int:
    """Closes the demo accounts and ends their sessions; returns how many were open."""
    active_people = [person for person in queries.demo_people() if person.is_active]
    for person in active_people:
        operations.close_account(person, by=journal.SYSTEM, at=at)
    return len(active_people)


def _create_or_open_account(mailbox: str, name: str, role: Role, partner: Partner | None) -> Person:
    email = f"{mailbox}@{DEMO_DOMAIN}"
    person = partners.person_by_email(email)
    if person is None:
        person = Person(email=email, name=name, password_hash="", is_demo=True)
        db.session.add(person)
    person.role, person.partner, person.is_active = role, partner, True
    return person
