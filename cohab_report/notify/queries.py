"""Queries about deliveries: which are due, which are unsent; and the state of the job queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import redis
from sqlalchemy import func, select

from cohab_report import jobs
from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.journal import Event
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.partners.models import Partner
from cohab_report.routing.models import Handover

MOST_AT_ONCE = 100
MOST_UNSENT = 50


@dataclass(frozen=True)
class QueueState:
    """The state of the queue server: whether it answers, how many jobs wait in it and how many failed lately."""

    is_up: bool
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class UnsentDelivery:
    """A delivery that is waiting or given up, with its partner (None when there is none any more)."""

    delivery: Delivery
    event: Event
    partner: Partner | None


def due_delivery_ids(*, at: datetime, limit: int = MOST_AT_ONCE) -> Sequence[int]:
    """Returns the ids of due deliveries, the longest due first."""
    query = (
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.WAITING, Delivery.due_at <= at)
        .order_by(Delivery.due_at, Delivery.id)
    )
    return db.session.scalars(query.limit(limit)).all()


def delivery_for(event: Event, recipient: str) -> Delivery | None:
    """Returns the delivery to this recipient because of this event, or None."""
    return db.session.scalars(
        select(Delivery).where(Delivery.event_id == event.id, Delivery.recipient == recipient)
    ).one_or_none()


def delivery_or_refuse(delivery_id: int) -> Delivery:
    """Returns the delivery with this id; raises NotFound."""
    delivery = db.session.get(Delivery, delivery_id)
    if delivery is None:
        raise NotFound
    return delivery


def partner_of(recipient: str) -> Partner | None:
    """Returns the partner of a recipient such as `partner:7`.

    None for another recipient, or when there is no such partner any more.
    """
    number = recipient.removeprefix("partner:")
    return db.session.get(Partner, int(number)) if number.isascii() and number.isdigit() else None


def handover_of(event: Event) -> Handover | None:
    """Returns the handover of the event, or None."""
    number = event.facts.get("handover")
    return db.session.get(Handover, number) if isinstance(number, int) else None


def unsent_deliveries(*, limit: int = MOST_UNSENT) -> Sequence[UnsentDelivery]:
    """Returns deliveries that are waiting or given up, the latest first."""
    not_gone = Delivery.state.in_((DeliveryState.WAITING, DeliveryState.GIVEN_UP))
    query = select(Delivery, Event).join(Event, Event.id == Delivery.event_id).where(not_gone)
    rows = db.session.execute(query.order_by(Delivery.id.desc()).limit(limit)).all()
    return [UnsentDelivery(delivery, event, partner_of(delivery.recipient)) for delivery, event in rows]


def sent_count() -> int:
    """Returns the number of sent messages."""
    return (
        db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.SENT)) or 0
    )


def unsent_counts() -> Mapping[str, int]:
    """Returns how many messages are waiting, and how many were given up, by the state's name."""
    unsent = (DeliveryState.WAITING, DeliveryState.GIVEN_UP)
    query = select(Delivery.state, func.count()).where(Delivery.state.in_(unsent)).group_by(Delivery.state)
    counts = dict(db.session.execute(query).all())
    return {state.value: counts.get(state, 0) for state in unsent}


def longest_due(*, at: datetime) -> float:
    """Returns for how many seconds the longest due message has been due; 0 when none is."""
    query = select(func.min(Delivery.due_at)).where(Delivery.state == DeliveryState.WAITING)
    first = db.session.scalar(query)
    return 0.0 if first is None else max(0.0, (at - first).total_seconds())


def unannounced_event_count() -> int:
    """Returns the number of events that still wait for their listeners."""
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.done_at.is_(None))) or 0


def queue_state() -> QueueState:
    """Returns the state of the queue server; one that doesn't answer is a state, not an error."""
    try:
        queues = jobs.job_queues().queues.values()
        return QueueState(
            True, sum(len(queue) for queue in queues), sum(queue.failed_job_registry.count for queue in queues)
        )
    except redis.RedisError:
        return QueueState(False)
