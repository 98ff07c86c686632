"""Receives observations, publishes their public part, raises their protection, redacts and withdraws them.

Never edits them.
"""

import hashlib
import hmac
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Protection
from cohab_report.catalogue.queries import CategoryFacts
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused, NotFound
from cohab_report.geo import Point
from cohab_report.intake import codes, events, queries, rules
from cohab_report.intake.cells.operations import updating_cell_counts
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Ending
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.models import Channel, Observation, Precision, Status
from cohab_report.intake.nearby import queries as nearby
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import PhotoReason
from cohab_report.intake.wording import screen
from cohab_report.scheduled_jobs import job_now
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.territory.queries import CityFacts
from cohab_report.text_limits import trimmed_lines

FLOOD_LIMIT = 5
"""Observations an hour from one network; further ones wait in quarantine, seen by triage (guard rail 9)."""
FLOOD_WINDOW = timedelta(hours=1)
REOPEN_WITHIN = timedelta(days=30)
SATISFACTIONS = ("yes", "partly", "no")


def receive(
    submission: rules.Submission, *, at: datetime, network: str | None = None, by: journal.Actor = journal.RESIDENT
) -> Observation:
    """Receives a submission: stores the observation and records `observation.received`; returns the observation.

    Sent again with the same client id, returns the one stored first. `by` is who typed it: the resident, or the staff
    member who took a call. `network` is a hash of the sender's network, never an address. Raises Invalid(field,
    reason): field `category`, `place` (missing, unknown, outside), or one of `rules.refuse_impossible`.
    """
    received = queries.by_client_id(submission.client_id)
    if received is not None:
        return received
    city = territory.city_facts()
    category = _category_or_refuse(submission.category)
    rules.refuse_impossible(submission, category, category.questions, today=at.astimezone(city.zone).date())
    place, point = _place_and_point(submission, city)
    observation = _new_observation(submission, category, place, point, city, at=at)
    observation.network_hash = daily_network_hash(network, at) if network else None
    flooded = _is_flood(observation, at)
    try:
        with db.session.begin_nested():
            db.session.add(observation)
    except IntegrityError:
        return _concurrently_received(submission)
    priority = rules.priority_of(category, observation.answers, category.questions)
    event = events.ObservationReceived(
        thread=observation.reference,
        observation=observation.id,
        priority=int(priority),
        flooded=flooded,
        joins=_joined_observation_id(submission, category, point, city, at),
    )
    journal.record(event, by=by, at=at)
    return observation


def code_of(observation: Observation) -> str:
    """Derives the follow-up code of an observation from its client id; it is stored nowhere."""
    return codes.code_for(observation.client_id, current_settings().code_key)


def observation_by_code(typed: str) -> Observation:
    """Returns the observation of a typed follow-up code; raises Invalid("code", malformed | check | unknown)."""
    problem = codes.code_problem(typed)
    if problem is not None:
        raise Invalid("code", problem)
    observation = queries.by_code_hash(codes.code_hash(typed, current_settings().code_key))
    if observation is None:
        raise Invalid("code", "unknown")
    return observation


def publish(observation: Observation, *, at: datetime) -> None:
    """Publishes what the protection of the observation allows; nothing when it is never public."""
    if observation.published_at is None and observation.protection < Protection.NEVER_PUBLIC:
        with updating_cell_counts(observation, at=at):
            observation.published_at = at


def raise_protection(observation: Observation, protection: Protection, *, at: datetime) -> None:
    """Raises the protection to at least this and shrinks the public part at once; never lowers it.

    An observation that is never public loses its photos.
    """
    if protection <= observation.protection:
        return
    point = observation.exact_point
    part = (
        rules.public_part(protection, point, territory.city_facts().lattice) if point else rules.PublicPart(None, None)
    )
    with updating_cell_counts(observation):
        observation.protection = protection
        observation.public_cell = part.cell
        observation.public_lon, observation.public_lat = (
            (part.point.lon, part.point.lat) if part.point else (None, None)
        )
    if protection is Protection.NEVER_PUBLIC:
        photos.drop_photos(observation, PhotoReason.PROTECTED, by=journal.SYSTEM, at=at)


def set_public_status(observation: Observation, status: Status) -> None:
    """Sets the status that the resident and the public read; a withdrawn observation stays withdrawn."""
    if not observation.is_withdrawn:
        with updating_cell_counts(observation):
            observation.status = status


def redact_text(observation: Observation, *, by: journal.Actor, at: datetime) -> None:
    """Erases the resident's own words for good; category, place and answers stay."""
    observation.text, observation.landmark, observation.text_flags, observation.redacted_at = "", "", [], at
    inquiries.erase_answers(observation)
    journal.record(events.ObservationRedacted(thread=observation.reference), by=by, at=at)


def withdraw(observation: Observation, *, at: datetime) -> None:
    """Withdraws an observation: nothing is public any more; words, photos, place and address are erased.

    Twice changes nothing.

    The sector stays, as does what the case in work says of its place.
    """
    if observation.is_withdrawn:
        return
    with updating_cell_counts(observation):
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
    inquiries.drop_inquiry(observation, at=at)
    contacts.end_contact_of(observation, Ending.WITHDRAWN, by=journal.RESIDENT, at=at)
    photos.drop_photos(observation, PhotoReason.WITHDRAWN, by=journal.RESIDENT, at=at)
    event = events.ObservationWithdrawn(thread=observation.reference, observation=observation.id)
    journal.record(event, by=journal.RESIDENT, at=at)


def request_reopening(observation: Observation, *, at: datetime) -> None:
    """Asks triage to look again at an observation that was finished at most thirty days ago.

    Raises MoveRefused (why: open, late).
    """
    if observation.status not in (Status.DONE, Status.REDIRECTED):
        raise MoveRefused("observation", observation.status.value, "reopen", "open")
    finished = finished_at(observation)
    if finished is None or at - finished > REOPEN_WITHIN:
        raise MoveRefused("observation", observation.status.value, "reopen", "late")
    event = events.ReopeningRequested(thread=observation.reference, observation=observation.id)
    journal.record(event, by=journal.RESIDENT, at=at)


def rate(observation: Observation, answer: str, *, at: datetime) -> None:
    """Stores the answer to the satisfaction question: yes, partly or no.

    Raises Invalid("satisfaction", "unknown"), MoveRefused (why: open) while the observation is not finished.
    """
    if observation.status not in (Status.DONE, Status.REDIRECTED):
        raise MoveRefused("observation", observation.status.value, "rate", "open")
    if answer not in SATISFACTIONS:
        raise Invalid("satisfaction", "unknown")
    observation.satisfaction = answer
    event = events.ObservationRated(thread=observation.reference, answer=answer)
    journal.record(event, by=journal.RESIDENT, at=at)


def finished_at(observation: Observation) -> datetime | None:
    """Returns when the observation was last finished, by its public history; None if never."""
    history = queries.public_history(observation)
    finishing = journal.names_of(events.FinishesObservation)
    return next((event.happened_at for event in history.events if event.name in finishing), None)


def daily_network_hash(network: str, at: datetime) -> str:
    """Hashes a network for the day of `at`: hashes of two days can't be linked."""
    return hmac.new(
        current_settings().code_key.encode(), f"{at.date()} {network}".encode(), hashlib.sha256
    ).hexdigest()[:32]


def erase_old_network_hashes(*, at: datetime) -> int:
    """Erases network hashes older than two days (domain.md 4.2); returns how many."""
    return queries.erase_network_hashes_before(at - timedelta(hours=48))


erase_old_network_hashes_now = job_now(erase_old_network_hashes)
"""Scheduled every night."""


def _category_or_refuse(code: str) -> CategoryFacts:
    try:
        return catalogue.category_facts(code)
    except NotFound:
        raise Invalid("category", "unknown") from None


def _place_and_point(submission: rules.Submission, city: CityFacts) -> tuple[Place | None, Point]:
    place = territory.place_by_code(submission.place) if submission.place else None
    if submission.place and place is None:
        raise Invalid("place", "unknown")
    point = submission.point or (place.point if place else None)
    if point is None:
        raise Invalid("place", "missing")
    if not city.contains(point):
        raise Invalid("place", "outside")
    return place, point


def _joined_observation_id(
    submission: rules.Submission, category: CategoryFacts, point: Point, city: CityFacts, at: datetime
) -> int | None:
    """Returns the id of the public observation that the submission joins; None unless it is open near by."""
    if not submission.joins or submission.precision is Precision.ABOUT:
        return None
    since = at.astimezone(city.zone).date() - timedelta(days=queries.PUBLIC_DAYS)
    candidates = nearby.open_observations_near(
        category.id, point, city.lattice, since=since, limit=nearby.MAX_CANDIDATES
    )
    return next(
        (
            nearby.observation_id_of(nearby_observation)
            for nearby_observation in candidates
            if nearby_observation.observation.reference == submission.joins
        ),
        None,
    )


def _new_observation(
    submission: rules.Submission,
    category: CategoryFacts,
    place: Place | None,
    point: Point,
    city: CityFacts,
    *,
    at: datetime,
) -> Observation:
    is_near = city.is_near_protected(point)
    protection = rules.protection_of(category, submission.belongings, near_protected=is_near)
    public = rules.public_part(protection, point, city.lattice)
    text, landmark = (
        trimmed_lines(unicodedata.normalize("NFC", typed)) for typed in (submission.text, submission.landmark)
    )
    flags = sorted({finding.kind for typed in (text, landmark) for finding in screen(typed)})
    return Observation(
        reference=codes.new_reference(),
        client_id=submission.client_id,
        code_hash=codes.code_hash(
            codes.code_for(submission.client_id, current_settings().code_key), current_settings().code_key
        ),
        kind=category.kind,
        category_id=category.id,
        sector_id=city.sector_of(point).id,
        place=place,
        precision=submission.precision,
        point=point.ewkt,
        is_near_protected=is_near,
        text=text,
        landmark=landmark,
        text_flags=flags,
        answers=dict(submission.answers or {}),
        belongings=submission.belongings,
        observed_on=submission.observed_on,
        received_at=at,
        channel=submission.channel,
        language=submission.language,
        protection=protection,
        status=Status.RECEIVED,
        public_lon=public.point.lon if public.point else None,
        public_lat=public.point.lat if public.point else None,
        public_cell=public.cell,
        public_on=submission.observed_on,
    )


def _is_flood(observation: Observation, at: datetime) -> bool:
    if observation.network_hash is None or observation.channel not in (Channel.WEB, Channel.DEMO):
        return False
    return (
        queries.recent_count_of_network(observation.network_hash, at=at, window=FLOOD_WINDOW, limit=FLOOD_LIMIT)
        >= FLOOD_LIMIT
    )


def _concurrently_received(submission: rules.Submission) -> Observation:
    """Returns the observation of a request with the same client id that was faster."""
    received = queries.by_client_id(submission.client_id)
    if received is None:
        raise Invalid("client_id", "taken")
    return received
