"""What may be done with an observation: receive it, publish its public part, protect it more, redact it, take it back. Never edit it."""

import hashlib
import hmac
import unicodedata
from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from sqlalchemy.exc import IntegrityError

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Protection
from cohab_report.catalogue.queries import CategoryFacts
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.errors import Invalid, MoveRefused, NotThere
from cohab_report.geo import Point
from cohab_report.intake import codes, queries, rules
from cohab_report.intake.cells.operations import counted
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Ending
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.models import Channel, Observation, Precision, Status
from cohab_report.intake.nearby import queries as nearby
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import PhotoReason
from cohab_report.intake.wording import screen
from cohab_report.settings import Settings
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.territory.queries import Ground

FLOOD = 5
"""Observations an hour from one network; what comes on top waits in quarantine, seen by triage (guard rail 9)."""
FLOOD_WINDOW = timedelta(hours=1)
REOPEN_WITHIN = timedelta(days=30)
SATISFACTIONS = ("yes", "partly", "no")


def receive(
    draft: rules.Draft, *, at: datetime, network: str | None = None, by: journal.Actor = journal.RESIDENT
) -> Observation:  # fmt: skip
    """The observation is kept, with its event; sent twice with one client id it is kept once and the first is returned.

    `by` is who typed it: the resident, or the person who took down what a caller said. `network` is a hash of the sender's network,
    never an address. Raises Invalid(field, reason) for what must be mended: field `category`, `place` (missing, unknown, outside), or
    one of `rules.refuse_impossible`.
    """
    known = queries.by_client_id(draft.client_id)
    if known is not None:
        return known
    ground = territory.ground()
    category = _category(draft.category)
    rules.refuse_impossible(draft, category, category.questions, today=at.astimezone(ground.zone).date())
    place, point = _where(draft, ground)
    observation = _made(draft, category, place, point, ground, at=at)
    observation.network_hash = salted(network, at) if network else None
    flooded = _is_flood(observation, at)
    try:
        with db.session.begin_nested():
            db.session.add(observation)
    except IntegrityError:
        return _the_one_already_kept(draft)
    priority = rules.priority_of(category, observation.answers, category.questions)
    facts = {
        "observation": observation.id,
        "priority": int(priority),
        "flooded": flooded,
        **_same_as(draft, category, point, ground, at),
    }
    journal.record("observation.received", thread=observation.reference, by=by, at=at, public=True, facts=facts)
    return observation


def code_of(observation: Observation) -> str:
    """The follow-up code of an observation, made again from its client id; stored nowhere."""
    return codes.code_for(observation.client_id, _settings().code_key)


def follow(typed: str) -> Observation:
    """The observation that a typed follow-up code opens; raises Invalid("code", malformed | check | unknown)."""
    trouble = codes.why_unreadable(typed)
    if trouble is not None:
        raise Invalid("code", trouble)
    observation = queries.by_code_hash(codes.code_hash(typed, _settings().code_key))
    if observation is None:
        raise Invalid("code", "unknown")
    return observation


def publish(observation: Observation, *, at: datetime) -> None:
    """What its protection allows of the observation may now be read by everyone; nothing, when it is never public."""
    if observation.published_at is None and observation.protection < Protection.NEVER_PUBLIC:
        with counted(observation, at=at):
            observation.published_at = at


def protect(observation: Observation, protection: Protection, *, at: datetime) -> None:
    """The observation is protected at least so strongly; what is public of it shrinks at once, and nothing ever grows back.

    What is never public keeps no photos.
    """
    if protection <= observation.protection:
        return
    point = observation.exact_point
    part = rules.public_part(protection, point, territory.ground().lattice) if point else rules.PublicPart(None, None)
    with counted(observation):
        observation.protection = protection
        observation.public_cell = part.cell
        observation.public_lon, observation.public_lat = (
            (part.point.lon, part.point.lat) if part.point else (None, None)
        )
    if protection is Protection.NEVER_PUBLIC:
        photos.drop(observation, PhotoReason.PROTECTED, by=journal.SYSTEM, at=at)


def tell(observation: Observation, status: Status) -> None:
    """The resident reads this word from now on; a withdrawn observation stays withdrawn."""
    if not observation.is_withdrawn:
        with counted(observation):
            observation.status = status


def redact_text(observation: Observation, *, by: journal.Actor, at: datetime) -> None:
    """The resident's own words are gone for good; what was observed stays."""
    observation.text, observation.landmark, observation.text_flags, observation.redacted_at = "", "", [], at
    inquiries.erase_answers(observation)
    journal.record("observation.redacted", thread=observation.reference, by=by, at=at, public=True)


def withdraw(observation: Observation, *, at: datetime) -> None:
    """The resident took it back: out of every public page; words, photos, place and address are gone. Twice changes nothing.

    The sector stays, as does what a case that somebody works on says of its place.
    """
    if observation.is_withdrawn:
        return
    with counted(observation):
        observation.withdrawn_at, observation.status = at, Status.WITHDRAWN
    observation.text, observation.landmark, observation.text_flags, observation.answers, observation.point = (
        "",
        "",
        [],
        {},
        None,
    )
    observation.public_lon = observation.public_lat = observation.public_cell = None
    observation.place = None
    inquiries.erase_answers(observation)
    inquiries.drop(observation, at=at)
    contacts.end_of(observation, Ending.WITHDRAWN, by=journal.RESIDENT, at=at)
    photos.drop(observation, PhotoReason.WITHDRAWN, by=journal.RESIDENT, at=at)
    facts = {"observation": observation.id}
    journal.record(
        "observation.withdrawn", thread=observation.reference, by=journal.RESIDENT, at=at, public=True, facts=facts
    )


def request_reopening(observation: Observation, *, at: datetime) -> None:
    """Triage is asked to look again; raises MoveRefused unless it was finished at most thirty days ago (why: open, late)."""
    if observation.status not in (Status.DONE, Status.REDIRECTED):
        raise MoveRefused("observation", observation.status.value, "reopen", "open")
    finished = finished_at(observation)
    if finished is None or at - finished > REOPEN_WITHIN:
        raise MoveRefused("observation", observation.status.value, "reopen", "late")
    facts = {"observation": observation.id}
    journal.record(
        "observation.reopening_requested",
        thread=observation.reference,
        by=journal.RESIDENT,
        at=at,
        public=True,
        facts=facts,
    )


def rate(observation: Observation, answer: str, *, at: datetime) -> None:
    """The answer to the one question of satisfaction is kept: yes, partly or no.

    Raises Invalid("satisfaction", "unknown"), MoveRefused (why: open) while nothing is finished that one could be satisfied with.
    """
    if observation.status not in (Status.DONE, Status.REDIRECTED):
        raise MoveRefused("observation", observation.status.value, "rate", "open")
    if answer not in SATISFACTIONS:
        raise Invalid("satisfaction", "unknown")
    observation.satisfaction = answer
    journal.record(
        "observation.rated", thread=observation.reference, by=journal.RESIDENT, at=at, facts={"answer": answer}
    )


def finished_at(observation: Observation) -> datetime | None:
    """When the observation was last told finished, by its public history; None while it never was."""
    told = queries.story(observation)
    return next((event.happened_at for event in told.events if event.name == "case.closed"), None)


def salted(network: str, at: datetime) -> str:
    """A network's hash for one day: tomorrow's can't be tied to today's."""
    return hmac.new(_settings().code_key.encode(), f"{at.date()} {network}".encode(), hashlib.sha256).hexdigest()[:32]


def forget_networks(*, at: datetime) -> int:
    """Hashes of networks older than two days are gone (domain.md 4.2); returns how many were."""
    return queries.erase_networks_before(at - timedelta(hours=48))


def forget_networks_now() -> int:
    """`forget_networks` at this instant: what the schedule asks for every night."""
    with current_app.app_context(), transaction():
        return forget_networks(at=now())


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def _category(code: str) -> CategoryFacts:
    try:
        return catalogue.in_force(code)
    except NotThere:
        raise Invalid("category", "unknown") from None


def _where(draft: rules.Draft, ground: Ground) -> tuple[Place | None, Point]:
    place = territory.place_by_code(draft.place) if draft.place else None
    if draft.place and place is None:
        raise Invalid("place", "unknown")
    point = draft.point or (place.point if place else None)
    if point is None:
        raise Invalid("place", "missing")
    if not ground.contains(point):
        raise Invalid("place", "outside")
    return place, point


def _same_as(draft: rules.Draft, category: CategoryFacts, point: Point, ground: Ground, at: datetime) -> dict[str, int]:
    """The observation that the draft says the same as, as a fact: only one that anybody could read near there at this moment."""
    if not draft.joins or draft.precision is Precision.ABOUT:
        return {}
    since = at.astimezone(ground.zone).date() - timedelta(days=queries.PUBLIC_DAYS)
    seen = nearby.open_near(category.id, point, ground.lattice, since=since, limit=nearby.MOST_READ)
    return next(({"joins": nearby.id_of(each)} for each in seen if each.seen.reference == draft.joins), {})


def _made(
    draft: rules.Draft, category: CategoryFacts, place: Place | None, point: Point, ground: Ground, *, at: datetime
) -> Observation:  # fmt: skip
    near = ground.is_near_protected(point)
    protection = rules.protection_of(category, draft.belongings, near_protected=near)
    part = rules.public_part(protection, point, ground.lattice)
    text, landmark = (unicodedata.normalize("NFC", typed).strip() for typed in (draft.text, draft.landmark))
    flags = sorted({finding.kind for typed in (text, landmark) for finding in screen(typed)})
    return Observation(
        reference=codes.new_reference(), client_id=draft.client_id,
        code_hash=codes.code_hash(codes.code_for(draft.client_id, _settings().code_key), _settings().code_key),
        kind=category.kind, category_id=category.id, sector_id=ground.sector_of(point).id, place=place, precision=draft.precision,
        point=point.ewkt, is_near_protected=near, text=text, landmark=landmark, text_flags=flags,
        answers=dict(draft.answers or {}), belongings=draft.belongings, observed_on=draft.observed_on, received_at=at,
        channel=draft.channel, language=draft.language, protection=protection, status=Status.RECEIVED,
        public_lon=part.point.lon if part.point else None, public_lat=part.point.lat if part.point else None,
        public_cell=part.cell, public_on=draft.observed_on,
    )  # fmt: skip


def _is_flood(observation: Observation, at: datetime) -> bool:
    if observation.network_hash is None or observation.channel not in (Channel.WEB, Channel.DEMO):
        return False
    return queries.received_lately(observation.network_hash, at=at, window=FLOOD_WINDOW, limit=FLOOD) >= FLOOD


def _the_one_already_kept(draft: rules.Draft) -> Observation:
    """Two requests with one client id met: the other one won."""
    known = queries.by_client_id(draft.client_id)
    if known is None:
        raise Invalid("client_id", "taken")
    return known
