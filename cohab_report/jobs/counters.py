"""Counters of what the database does not keep, such as refused sign-ins: numbers in the queue server, nothing else."""

import time
from enum import StrEnum
from typing import cast

import redis

from cohab_report.jobs.queues import AVOID_SECONDS, QueueName, job_queue, job_queues

KEY = "cohab:counters"


class CounterName(StrEnum):
    """What is counted."""

    SIGN_INS_REFUSED = "sign_ins_refused"
    """A wrong address or password."""
    REQUESTS_THROTTLED = "requests_throttled"
    """Somebody asked for too much at once."""


def count(name: CounterName) -> None:
    """Adds one; while the queue server is away, nothing is counted and nobody waits."""
    present = job_queues()
    if time.monotonic() < present.avoided_until:
        return
    try:
        job_queue(QueueName.CLOCK).connection.hincrby(KEY, name.value, 1)
    except redis.RedisError:
        present.avoided_until = time.monotonic() + AVOID_SECONDS


def counted(name: CounterName) -> int:
    """Returns how often it was counted since the queue server's data began; raises RedisError when it is away."""
    value = job_queue(QueueName.CLOCK).connection.hget(KEY, name.value)
    return int(cast(bytes, value)) if value else 0
