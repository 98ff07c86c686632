"""What was promised and what is there: receipts against the stored rows, and what still waits."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import redis
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from cohab_report import create_app, jobs, journal
from cohab_report.db import db
from cohab_report.errors import Invalid
from cohab_report.intake import operations, queries
from cohab_report.intake.models import Observation
from cohab_report.intake.photos.models import Photo, PhotoState
from cohab_report.intake.photos.queries import received_photos_count
from cohab_report.media import media_store
from cohab_report.notify.queries import unsent_counts
from cohab_report.settings import Settings
from cohab_report.triage.models import CaseObservation
from deploy.instance import prepare_instance
from tests.chaos.residents import WORDS, Form, Receipts
from tests.chaos.site import ChaosSite


@dataclass(frozen=True)
class Count:
    """What became of the observations that were sent."""

    observations: int
    promised: int
    """Receipts that residents hold."""
    lost: int
    """Receipts for an observation that is not there."""
    doubled: int
    """Observations that came of one that is there already."""
    without_case: int
    """Observations that stand in no queue of the team."""
    wrong_codes: int
    """Receipts whose code belongs to no observation, or to another one."""
    photos_lost: int
    """Photos that were promised and are neither stored nor told to be unreadable."""
    waiting: Mapping[str, int]
    drained_in_seconds: float | None
    """None when something still waited after five minutes."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost or doubled, and nothing waits."""
        faults = (self.lost, self.doubled, self.without_case, self.wrong_codes, self.photos_lost)
        return not any(faults) and self.drained_in_seconds is not None and not any(self.waiting.values())


def waiting_things(site: ChaosSite) -> dict[str, int]:
    """Returns how many events, jobs, photos and messages wait; -1 of each while a part is away."""
    with app_of(site):
        try:
            return {
                "events": journal.waiting_count() + journal.set_aside_count(),
                "jobs": sum(len(queue) for queue in jobs.job_queues().queues.values()),
                "photos": received_photos_count(),
                "messages": unsent_counts()["waiting"],
            }
        except (redis.RedisError, SQLAlchemyError):
            return dict.fromkeys(("events", "jobs", "photos", "messages"), -1)
        finally:
            db.session.remove()


def count_promises(site: ChaosSite, forms: Sequence[Form], receipts: Receipts, *, drained_in: float | None) -> Count:
    """Counts what is stored against what residents hold receipts for."""
    waiting = waiting_things(site)
    with app_of(site):
        sent = [UUID(form.client_id) for form in forms]
        stored = {str(client_id) for client_id in queries.received_client_ids(sent)}
        promised = set(receipts.codes)
        of_these = select(Observation.id).where(Observation.text == WORDS)
        rows = db.session.scalar(select(func.count()).select_from(of_these.subquery())) or 0
        in_cases = select(func.count()).select_from(CaseObservation).where(CaseObservation.observation_id.in_(of_these))
        count = Count(
            observations=rows,
            promised=len(promised),
            lost=len(promised - stored),
            doubled=rows - len(stored),
            without_case=rows - (db.session.scalar(in_cases) or 0),
            wrong_codes=_wrong_codes(receipts),
            photos_lost=sum(not _photo_is_there(client_id, receipts) for client_id in receipts.with_photo),
            waiting=waiting,
            drained_in_seconds=drained_in,
        )
        db.session.remove()
        return count


def _wrong_codes(receipts: Receipts) -> int:
    """Counts the receipts whose code does not open the very observation of their reference."""
    codes = {client_id: code for client_id, code in receipts.codes.items() if code}
    return sum(not _opens(code, receipts.references[client_id]) for client_id, code in codes.items())


def _opens(code: str, reference: str) -> bool:
    try:
        return operations.observation_by_code(code).reference == reference
    except Invalid:
        return False


def _photo_is_there(client_id: str, receipts: Receipts) -> bool:
    """Tells whether the photo of this receipt was made ready for triage, with its picture on disk."""
    query = select(Photo).join(Observation).where(Observation.reference == receipts.references[client_id])
    photo = db.session.scalars(query.where(Photo.state == PhotoState.WAITING)).one_or_none()
    return photo is not None and photo.full_name is not None and bool(media_store().get(photo.full_name))


@contextmanager
def app_of(site: ChaosSite) -> Iterator[None]:
    """The product's own queries read the site's database and queue."""
    environ = prepare_instance(site.folder).environ(site.environ, site.address)
    app = site.reader or create_app(Settings.from_env(environ))
    site.reader = app
    with app.app_context():
        yield
