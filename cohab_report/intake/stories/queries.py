"""Reads the story of an observation for its author from the journal alone, without reading any case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from cohab_report import journal
from cohab_report.catalogue.models import Protection
from cohab_report.db import db
from cohab_report.intake.events import ContinuesElsewhere, DecidesPlanLink, ObservationJoined
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.stories.telling import AuthorFacts, ToldEvent, coarse_status, story_of_events
from cohab_report.journal import Event
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action

MAX_MERGES = 6


@dataclass(frozen=True)
class AuthorStory:
    """All that the author of an observation may read of what became of it.

    Page, own-data file, e-mails and receipt render this and never the case.
    """

    events: Sequence[ToldEvent]
    """The newest first: its own, and those of the case it belongs to from that moment on."""
    status: Status
    holder: Partner | None
    """The partner that the case was entrusted to; None for the triage team, and for who shares a case."""
    actions: Sequence[Action]
    """The actions of the plan that it counts toward, with their milestones; none for who shares a case."""
    finished_at: datetime | None
    shares_a_case: bool
    """Whether it joined or was merged into a case that others opened: then the story is a coarse one."""
    names_category: bool
    """Whether an e-mail may name its category: where everybody could read it once, whatever others answered since."""

    @property
    def is_joined(self) -> bool:
        """Whether its author said that it is the same as another one, and it joined the other's case."""
        return any(event.name == ObservationJoined.name for event in self.events)

    @property
    def is_finished(self) -> bool:
        """Whether it is finished, for whatever reason."""
        return self.status in (Status.DONE, Status.REDIRECTED)


def story_of(observation: Observation) -> AuthorStory:
    """Returns the story of an observation for its author."""
    threads = _followed_threads(observation)
    events = list(reversed(journal.history(*threads)))
    actions = _linked_actions(events)
    knows_of_people = observation.received_protection is Protection.NEVER_PUBLIC
    hidden = set() if knows_of_people else _telling_actions(actions, observation)
    author = AuthorFacts(observation.reference, threads, knows_of_people, hidden)
    story = story_of_events(events, author)
    return AuthorStory(
        events=story.events,
        status=coarse_status(observation.status) if author.shares_a_case else observation.status,
        holder=_holder(story.holder_id),
        actions=[each for each in actions if each.id in story.action_ids],
        finished_at=story.finished_at,
        shares_a_case=author.shares_a_case,
        names_category=observation.published_at is not None and not knows_of_people and not observation.is_withdrawn,
    )


def _holder(partner_id: int | None) -> Partner | None:
    partner = db.session.get(Partner, partner_id) if partner_id else None
    return None if partner is None or partner.does_outreach else partner


def _linked_actions(events: Sequence[Event]) -> Sequence[Action]:
    """Returns the actions that links were ever decided to, by code."""
    deciding = journal.names_of(DecidesPlanLink)
    action_ids = {event.facts["action"] for event in events if event.name in deciding}
    if not action_ids:
        return []
    query = select(Action).where(Action.id.in_(action_ids)).order_by(Action.code)
    return db.session.scalars(query.options(selectinload(Action.milestones), joinedload(Action.lead))).all()


def _telling_actions(actions: Sequence[Action], observation: Observation) -> set[int]:
    """Returns the ids of actions by which one would know that outreach came: not those of its category anyway."""
    usual = {action.id for action in observation.category.actions} if actions else set()
    return {each.id for each in actions if each.lead.does_outreach} - usual


def _followed_threads(observation: Observation) -> dict[str, datetime]:
    """Returns the threads of an observation: its own, and those of the cases it joined or was merged into.

    Each with the moment from which it belongs to it.
    """
    threads, current = {observation.reference: observation.received_at}, observation.reference
    continuing = journal.names_of(ContinuesElsewhere)
    while len(threads) < MAX_MERGES:
        moves = (event for event in journal.history(current, public_only=True) if event.name in continuing)
        move = next(moves, None)
        if move is None or move.facts["into"] in threads:
            break
        current = str(move.facts["into"])
        threads[current] = move.happened_at
    return threads
