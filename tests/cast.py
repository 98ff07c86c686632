"""The people of the tests: Ana and Bea triage, Lin works for the works, Noor for outreach, Omar pilots the plan."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.partners.models import Partner, Person, Role

UNUSABLE_HASH = "not-a-hash"


@dataclass
class Cast:
    """One person per role, and a second triage person and outreach worker."""

    ana: Person
    bea: Person
    lin: Person
    noor: Person
    gus: Person
    omar: Person
    charlie: Person
    admin: Person

    @classmethod
    def create(cls, session: Session) -> "Cast":
        """Creates all of them in the database and commits."""
        partners = {partner.code: partner for partner in session.scalars(select(Partner))}

        def person(name: str, role: Role, partner: str | None = None) -> Person:
            new_person = Person(
                email=f"{name.lower()}@rivebelle.example",
                name=name,
                role=role,
                password_hash=UNUSABLE_HASH,
                partner=partners[partner] if partner else None,
                is_active=True,
            )
            session.add(new_person)
            return new_person

        cast = cls(
            ana=person("Ana", Role.TRIAGER, "MAIRIE"),
            bea=person("Bea", Role.TRIAGER, "MAIRIE"),
            lin=person("Lin", Role.PARTNER, "VOIRIE"),
            noor=person("Noor", Role.PARTNER, "MARAUDE"),
            gus=person("Gus", Role.PARTNER, "GARDE"),
            omar=person("Omar", Role.PILOT),
            charlie=person("Charlie", Role.COMMITTEE),
            admin=person("Admin", Role.ADMIN),
        )
        session.commit()
        return cast
