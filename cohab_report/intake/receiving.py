"""Receives observations: finds out all that a submission becomes, stores it once and records it."""

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.queries import CategoryFacts
from cohab_report.db import db
from cohab_report.errors import Invalid, NotFound
from cohab_report.geo import Point
from cohab_report.intake import codes, events, floods, queries, rules
from cohab_report.intake.models import Observation, Precision, Status
from cohab_report.intake.nearby import queries as nearby
from cohab_report.intake.wording import screen
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.territory.queries import CityFacts
from cohab_report.text_limits import trimmed_lines


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
    observation.network_hash = floods.daily_network_hash(network, at) if network else None
    flooded = floods.is_flood(observation, at=at)
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
    public = rules.public_part(protection, point, city.lattice, of_the_city=rules.is_of_the_city(submission))
    text, landmark = (
        trimmed_lines(unicodedata.normalize("NFC", typed)) for typed in (submission.text, submission.landmark)
    )
    flags = sorted({finding.kind for typed in (text, landmark) for finding in screen(typed)})
    key = current_settings().newest_code_key
    return Observation(
        reference=codes.new_reference(),
        client_hash=codes.client_hash(submission.client_id, key),
        code_hash=codes.code_hash(codes.code_for(submission.client_id, key), key),
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
        received_protection=rules.protection_of(category, submission.belongings, near_protected=False),
        public_protection=protection,
        status=Status.RECEIVED,
        public_lon=public.point.lon if public.point else None,
        public_lat=public.point.lat if public.point else None,
        public_cell=public.cell,
        public_on=submission.observed_on,
    )


def _concurrently_received(submission: rules.Submission) -> Observation:
    """Returns the observation of a request with the same client id that was faster."""
    received = queries.by_client_id(submission.client_id)
    if received is None:
        raise Invalid("client_id", "taken")
    return received
