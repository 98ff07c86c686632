"""Answers about messages: what is owed to whom, what is stuck, and whether those who carry it are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import redis
from sqlalchemy import func, select

from cohab_report import jobs
from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.journal import Event
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.partners.models import Partner
from cohab_report.routing.models import Handover

MOST_AT_ONCE = 100
SHOWN = 50


@dataclass(frozen=True)
class QueueState:
    """How the queue server is: whether it answers, how many jobs wait in it and how many failed lately."""

    is_up: bool
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Stuck:
    """A delivery that has not left, with the partner it is for (None when there is none any more)."""

    delivery: Delivery
    event: Event
    partner: Partner | None


def due(*, at: datetime, limit: int = MOST_AT_ONCE) -> Sequence[int]:
    """The ids of deliveries whose time has come, the longest due first."""
    query = (
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.WAITING, Delivery.due_at <= at)
        .order_by(Delivery.due_at, Delivery.id)
    )
    return db.session.scalars(query.limit(limit)).all()


def delivery_for(event: Event, recipient: str) -> Delivery | None:
    """What this recipient is owed because of the event, if that is written down already."""
    return db.session.scalars(
        select(Delivery).where(Delivery.event_id == event.id, Delivery.recipient == recipient)
    ).one_or_none()


def delivery_or_refuse(delivery_id: int) -> Delivery:
    """The delivery of this number; raises NotThere."""
    delivery = db.session.get(Delivery, delivery_id)
    if delivery is None:
        raise NotThere
    return delivery


def partner_of(recipient: str) -> Partner | None:
    """The partner that `partner:7` names, or None when there is no such partner any more."""
    number = recipient.removeprefix("partner:")
    return db.session.get(Partner, int(number)) if number.isascii() and number.isdigit() else None


def handover_of(event: Event) -> Handover | None:
    """The handover that the event tells of, or None when it tells of none."""
    number = event.facts.get("handover")
    return db.session.get(Handover, number) if isinstance(number, int) else None


def stuck(*, limit: int = SHOWN) -> Sequence[Stuck]:
    """Deliveries that wait or were given up, the latest first."""
    not_gone = Delivery.state.in_((DeliveryState.WAITING, DeliveryState.GIVEN_UP))
    query = select(Delivery, Event).join(Event, Event.id == Delivery.event_id).where(not_gone)
    rows = db.session.execute(query.order_by(Delivery.id.desc()).limit(limit)).all()
    return [Stuck(delivery, event, partner_of(delivery.recipient)) for delivery, event in rows]


def sent() -> int:
    """How many messages left."""
    return (
        db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.SENT)) or 0
    )


def events_waiting() -> int:
    """How many events still wait for their listeners."""
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.done_at.is_(None))) or 0


def queue_state() -> QueueState:
    """How the queue server is at this moment; one that is away is an answer, not an error."""
    try:
        return QueueState(True, len(jobs.queue()), jobs.queue().failed_job_registry.count)
    except redis.RedisError:
        return QueueState(False)
