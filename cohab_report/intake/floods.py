"""Floods of observations from one network, known for two days by a hash of it and never by its address."""

import hashlib
import hmac
from datetime import datetime, timedelta

from cohab_report.db import truncate_log_after_commit
from cohab_report.intake import queries
from cohab_report.intake.models import Channel, Observation
from cohab_report.scheduled_jobs import job_now
from cohab_report.settings import current_settings

FLOOD_LIMIT = 5
"""Observations an hour from one network; further ones wait in quarantine, seen by triage (guard rail 9)."""
FLOOD_WINDOW = timedelta(hours=1)


def is_flood(observation: Observation, *, at: datetime) -> bool:
    """Tells whether the observation's network sent so many in the last hour that this one waits in quarantine."""
    if observation.network_hash is None or observation.channel not in (Channel.WEB, Channel.DEMO):
        return False
    return (
        queries.recent_count_of_network(observation.network_hash, at=at, window=FLOOD_WINDOW, limit=FLOOD_LIMIT)
        >= FLOOD_LIMIT
    )


def daily_network_hash(network: str, at: datetime) -> str:
    """Hashes a network for the day of `at`: hashes of two days can't be linked."""
    return hmac.new(
        current_settings().newest_code_key.encode(), f"{at.date()} {network}".encode(), hashlib.sha256
    ).hexdigest()[:32]


def erase_old_network_hashes(*, at: datetime) -> int:
    """Erases network hashes older than two days (domain.md 4.2); returns how many."""
    truncate_log_after_commit()
    return queries.erase_network_hashes_before(at - timedelta(hours=48))


erase_old_network_hashes_now = job_now(erase_old_network_hashes)
"""Scheduled every night."""
