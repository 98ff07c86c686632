"""The people of the stories: Rosa reports, Ana triages, Lin works for the works, Noor for outreach, Omar pilots the plan."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.partners.models import Partner, Person, Role

NOBODY_KNOWS = "not-a-hash"


@dataclass
class Cast:
    """One person a role, and the outreach worker beside the works."""

    ana: Person
    bea: Person
    lin: Person
    noor: Person
    gus: Person
    omar: Person
    charlie: Person
    admin: Person

    @classmethod
    def born(cls, session: Session) -> "Cast":
        """All of them, in the database."""
        partners = {partner.code: partner for partner in session.scalars(select(Partner))}

        def person(name: str, role: Role, partner: str | None = None) -> Person:
            made = Person(
                email=f"{name.lower()}@rivebelle.example", name=name, role=role, password_hash=NOBODY_KNOWS, session_version=1,
                partner=partners[partner] if partner else None, is_active=True,
            )  # fmt: skip
            session.add(made)
            return made

        cast = cls(
            ana=person("Ana", Role.TRIAGER, "MAIRIE"), bea=person("Bea", Role.TRIAGER, "MAIRIE"),
            lin=person("Lin", Role.PARTNER, "VOIRIE"), noor=person("Noor", Role.PARTNER, "MARAUDE"),
            gus=person("Gus", Role.PARTNER, "GARDE"), omar=person("Omar", Role.PILOT), charlie=person("Charlie", Role.COMMITTEE),
            admin=person("Admin", Role.ADMIN),
        )  # fmt: skip
        session.commit()
        return cast
