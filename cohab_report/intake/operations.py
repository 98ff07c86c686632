"""Publishes the public part of observations, raises their protection, redacts and withdraws them; never edits them."""

from datetime import datetime, timedelta
from uuid import UUID

from cohab_report import journal
from cohab_report.catalogue.models import Protection
from cohab_report.db import truncate_log_after_commit
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import codes, events, queries, rules
from cohab_report.intake.author_sessions import queries as author_sessions
from cohab_report.intake.cells.operations import updating_cell_counts
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Ending
from cohab_report.intake.editions.rules import last_public_day
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import PhotoReason
from cohab_report.intake.stories import queries as stories
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory

REOPEN_WITHIN = timedelta(days=30)
SATISFACTIONS = ("yes", "partly", "no")


def code_of(observation: Observation, client_id: UUID) -> str:
    """Derives the follow-up code of the observation that was sent under this client id; both are stored nowhere.

    An observation sent again after the code key was changed has the code that it had.
    """
    keys = current_settings().code_keys
    made_with = (key for key in keys if codes.client_hash(client_id, key) == observation.client_hash)
    return codes.code_for(client_id, next(made_with, keys[0]))


def observation_by_code(typed: str) -> Observation:
    """Returns the observation of a typed follow-up code; raises Invalid("code", malformed | check | unknown)."""
    problem = codes.code_problem(typed)
    if problem is not None:
        raise Invalid("code", problem)
    observation = queries.by_code_hash([codes.code_hash(typed, key) for key in current_settings().code_keys])
    if observation is None:
        raise Invalid("code", "unknown")
    return observation


def publish(observation: Observation, *, at: datetime) -> None:
    """Publishes what the protection of the observation allows; nothing when it is never public."""
    if observation.published_at is None and observation.protection < Protection.NEVER_PUBLIC:
        with updating_cell_counts(observation, at=at):
            observation.published_at = at
            published_on = at.astimezone(territory.city_facts().zone).date()
            key = current_settings().newest_code_key
            observation.public_until = last_public_day(observation.reference, published_on, key)


def raise_protection(observation: Observation, protection: Protection, *, at: datetime) -> None:
    """Raises the protection to at least this; never lowers it.

    What is public already stays as it is until the night's edition, which takes it off the list and the map: leaving
    at once would tell everybody which place is protected since when. What is not public yet is published less
    precisely, or never. An observation that is never public loses its photos at once.
    """
    if protection <= observation.protection:
        return
    observation.protection = protection
    if observation.published_at is None:
        _make_public_part(observation)
    if protection is Protection.NEVER_PUBLIC:
        photos.drop_photos(observation, PhotoReason.PROTECTED, by=journal.SYSTEM, at=at)


def _make_public_part(observation: Observation) -> None:
    """Computes what may be public of the place under the present protection."""
    protection, point = observation.protection, observation.exact_point
    part = (
        rules.public_part(protection, point, territory.city_facts().lattice) if point else rules.PublicPart(None, None)
    )
    observation.public_protection, observation.public_cell = protection, part.cell
    observation.public_lon, observation.public_lat = (part.point.lon, part.point.lat) if part.point else (None, None)


def set_public_status(observation: Observation, status: Status) -> None:
    """Sets the status that the resident and the public read; a withdrawn observation stays withdrawn."""
    if not observation.is_withdrawn:
        with updating_cell_counts(observation):
            observation.status = status


def redact_text(observation: Observation, *, by: journal.Actor, at: datetime) -> None:
    """Erases the resident's own words for good; category, place and answers stay."""
    observation.text, observation.landmark, observation.text_flags, observation.redacted_at = "", "", [], at
    inquiries.erase_answers(observation)
    truncate_log_after_commit()
    journal.record(events.ObservationRedacted(thread=observation.reference), by=by, at=at)


def withdraw(observation: Observation, *, at: datetime) -> None:
    """Withdraws an observation: nothing is public any more; words, photos, place and address are erased.

    Twice changes nothing. It leaves the public pages at once and not with the night's edition: its author has the
    right to that, and nobody else's answer is told by it.

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
    author_sessions.delete_sessions_of(observation)
    truncate_log_after_commit()
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
    """Returns when the observation was last finished, by the story that its author reads; None if never."""
    return stories.story_of(observation).finished_at
