"""Whoever joins a case, or opened it, reads nothing of what somebody else answered: two runs, one byte for byte.

The attacker sees the same thing as others do at a place, and reads every page of theirs again and again.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.errors import CohabError
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake.author_sessions.models import AuthorPage
from cohab_report.intake.author_sessions.operations import begin_session
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.models import Belongings, Observation
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import PhotoState
from cohab_report.intake.photos.queries import photos_of
from cohab_report.intake.photos.telling import told_photos
from cohab_report.journal import Event
from cohab_report.notify import operations as notify
from cohab_report.notify.models import Delivery
from cohab_report.notify.residents import operations as residents
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as handovers
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.cast import Cast

RANDOM = re.compile(rb'((?:name="csrf_token" value="|"token":")[^"]*|/suivi/photos/[0-9a-f]{24})')
"""What differs of itself: tokens of a session, and the reference of a photo."""
PAGES = ("/suivi", "/suivi/donnees.json", "/recu", "/suivi/retirer", "/courriel/confirme", "/observations", "/")
OWN_PAGES = ("/suivi", "/suivi/donnees.json", "/recu", "e-mails")
ACTS = (
    "photos",
    "claim",
    "doubt",
    "visit",
    "link",
    "outreach",
    "works",
    "start",
    "give back",
    "finish",
    "close",
    "again",
)
some_acts = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(list(ClosingReason))), max_size=7)
FEW_EXAMPLES = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Rolls back afterwards what happens inside it."""
    db.session.commit()
    connection: Any = db.engine  # inside a test it is the test's own connection
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        db.session.rollback()
        savepoint.rollback()
        db.session.expire_all()


@dataclass
class Author:
    """Somebody who sent an observation and reads all that is written about it."""

    app: Flask
    observation: Observation
    contact_id: int

    def read(self) -> dict[str, object]:
        """Returns every page of theirs by address, and every e-mail, without the session's own token."""
        db.session.commit()
        client = self.app.test_client()
        key = self.app.config["SETTINGS"].code_key
        with client.session_transaction() as session:
            session["followed"] = begin_session(self.observation, AuthorPage.FOLLOW, at=now())
            session["followed_at"] = int(now().timestamp())
            session["address_confirmed"] = encrypt_number("contact", self.contact_id, key=key)
            receipt = {"code": factories.code_of(self.observation), "joins": "yes"}
            session["sent"] = begin_session(self.observation, AuthorPage.RECEIPT, content=receipt, at=now())
        db.session.commit()
        pages: dict[str, object] = {}
        for address in PAGES:
            reply = Context().run(client.get, address)
            pages[address] = (reply.status_code, dict(reply.headers).get("Location"), RANDOM.sub(b"", reply.data))
        return pages | {"e-mails": self.emails()}

    def emails(self) -> list[tuple[object, ...]]:
        """Returns subject and texts of the e-mails that are owed to them."""
        for event in db.session.scalars(select(Event).order_by(Event.id)).all():
            notify.fan_out(event, at=now())
        db.session.flush()
        owed = select(Delivery).where(
            Delivery.recipient == f"contact:{self.contact_id}", Delivery.told_with_id.is_(None)
        )
        messages = [
            residents.resident_message(each, at=now()) for each in db.session.scalars(owed.order_by(Delivery.id))
        ]
        sent = [message[1] for message in messages if not isinstance(message, str)]
        return [(each.subject, each.text, each.html) for each in sent]


def send_photo(observation: Observation, number: int, *, is_decoded: bool) -> None:
    """Sends a photo whose original nobody will look for."""
    original = photos.EncryptedOriginal(f"incoming/{observation.id}-{number}", "key", f"digest {number}")
    photo = photos.receive_photo(observation, original, at=now())
    if is_decoded:
        name = f"{observation.id}-{number}"
        photos.attach_pictures(photo, f"photos/full-{name}", f"photos/small-{name}", width=8, height=6)


def send_second_photos(scene: "Scene") -> None:
    """Lets both authors send one more photo."""
    for each in (scene.opener, scene.joiner):
        send_photo(each.observation, 2, is_decoded=False)


def author_of(app: Flask, observation: Observation) -> Author:
    send_photo(observation, 1, is_decoded=True)
    contact = contacts.request_confirmation(observation, "rosa@rivebelle.example", language="fr", at=now())
    contacts.confirm(encryption.link_token(encryption.CONFIRM, contact.seed or ""), at=now())
    return Author(app, observation, contact.id)


@dataclass
class Scene:
    """A case that is open to be joined, who opened it, and who has joined it already."""

    case_reference: str
    opener: Author
    joiner: Author
    cast: Cast

    @property
    def case(self) -> Case:
        """Returns the case as it is now."""
        return queries.case_or_refuse(self.case_reference)


@pytest.fixture
def scene(app: Flask, cast: Cast) -> Iterator[Scene]:
    """A case on a Monday: one resident opened it, the team accepted it, another resident joined it."""
    with time_machine.travel(factories.MONDAY, tick=False) as clock:
        case = factories.accepted_case(cast.ana, "DECHET-1", at=now())
        opener = author_of(app, case.observations[0])
        clock.shift(timedelta(minutes=5))
        joined = factories.observation(joins=case.reference, at=now())
        assert queries.case_of_observation(joined.id).id == case.id
        joiner = author_of(app, joined)
        clock.shift(timedelta(minutes=5))
        db.session.commit()
        yield Scene(case.reference, opener, joiner, cast)


def perform(scene: Scene, act: str, reason: ClosingReason) -> bool:
    """Does one act of the team or a partner; returns whether it was allowed."""
    try:
        _acts(scene, reason)[act]()
    except (CohabError, AttributeError):
        db.session.rollback()
        return False
    db.session.commit()
    return True


def _acts(scene: Scene, reason: ClosingReason) -> dict[str, Callable[[], object]]:
    case, cast, at = scene.case, scene.cast, now()
    standing = handovers.standing_handover(case)

    def give_to(code: str) -> None:
        partner = db.session.scalars(select(Partner).where(Partner.code == code)).one()
        handover = routing.hand_over(case, partner, by=cast.ana, at=at)
        routing.accept_handover(handover, by=cast.noor, at=at)

    return {
        "photos": lambda: send_second_photos(scene),
        "claim": lambda: triage.claim_case(case, by=cast.ana, at=at),
        "doubt": lambda: triage.request_occupancy_check(case, by=cast.ana, at=at),
        "visit": lambda: triage.record_occupancy(case, in_use=False, on=at.date(), note="Vu", by=cast.noor, at=at),
        "link": lambda: triage.confirm_link(case, case.links[0].action, by=cast.ana, at=at),
        "outreach": lambda: give_to("MARAUDE"),
        "works": lambda: give_to("VOIRIE"),
        "start": lambda: routing.start_handover(standing, by=cast.noor, at=at),  # type: ignore[arg-type]
        "give back": lambda: routing.give_back(standing, reason="Non", by=cast.noor, at=at),  # type: ignore[arg-type]
        "finish": lambda: routing.finish_handover(standing, reason, by=cast.noor, at=at),  # type: ignore[arg-type]
        "close": lambda: triage.close(case, reason, by=cast.ana, at=at),
        "again": lambda: intake.request_reopening(scene.opener.observation, at=at),
    }


def run(
    scene: Scene, answer: Belongings, acts: Sequence[tuple[str, ClosingReason] | None]
) -> tuple[list[bool], Any, Any]:
    """Lets somebody else answer, then the team act every hour; returns what was allowed and what both authors read."""
    with rolled_back(), time_machine.travel(now(), tick=False) as clock:
        other = receiving.receive(factories.submission(joins=scene.case_reference, belongings=answer), at=now())
        assert queries.case_of_observation(other.id).reference == scene.case_reference
        db.session.commit()
        allowed = []
        for act in acts:
            clock.shift(timedelta(hours=1))
            allowed.append(act is not None and perform(scene, *act))
        clock.shift(timedelta(hours=1))
        return allowed, scene.joiner.read(), scene.opener.read()


@FEW_EXAMPLES
@given(acts=some_acts, answer=st.sampled_from([Belongings.YES, Belongings.UNKNOWN]))
def test_neither_who_joined_nor_who_opened_a_case_reads_what_somebody_else_answered(
    scene: Scene, acts: Sequence[tuple[str, ClosingReason]], answer: Belongings
) -> None:
    allowed, *in_use = run(scene, answer, acts)
    done = [act if was_allowed else None for act, was_allowed in zip(acts, allowed, strict=True)]
    allowed_too, *not_in_use = run(scene, Belongings.NO, done)
    assume(allowed_too == allowed)
    assert in_use == not_in_use


@FEW_EXAMPLES
@given(acts=some_acts)
def test_who_joined_reads_neither_who_has_it_nor_why_it_is_closed(
    scene: Scene, acts: Sequence[tuple[str, ClosingReason]]
) -> None:
    with rolled_back(), time_machine.travel(now(), tick=False) as clock:
        for act, reason in acts:
            perform(scene, act, reason)
        clock.shift(timedelta(hours=1))
        pages = scene.joiner.read()
    words = " ".join(str(pages[address]) for address in OWN_PAGES)
    for code in ("MARAUDE", "VOIRIE"):
        partner = db.session.scalars(select(Partner).where(Partner.code == code)).one()
        assert repr(partner.name.fr.encode())[2:-1] not in words and partner.name.fr not in words
    for told in ("handover", "redirected", "link.confirmed", "De l’aide", "n’a rien trouvé", "autre service"):
        assert repr(told.encode())[2:-1] not in words and told not in words


@pytest.mark.parametrize("author", ["opener", "joiner"])
def test_a_photo_that_is_destroyed_for_somebody_elses_answer_says_nothing_and_may_be_sent_and_removed_again(
    scene: Scene, author: str
) -> None:
    observation = getattr(scene, author).observation

    def told() -> list[tuple[PhotoState, bool]]:
        own = told_photos(photos_of([observation]), shares_a_case=author == "joiner")
        return [(each.state, each.is_standing) for each in own]

    before = told()
    receiving.receive(factories.submission(joins=scene.case_reference, belongings=Belongings.YES), at=now())
    (photo,) = photos_of([observation])
    assert photo.state is PhotoState.DROPPED and photo.full_name is None and told() == before
    same_file = photos.EncryptedOriginal("incoming/again", "key", photo.digest)
    assert photos.receive_photo(observation, same_file, at=now()) is photo
    photos.remove_photo(photo, at=now())
    assert told() == [(PhotoState.REMOVED, False)]
