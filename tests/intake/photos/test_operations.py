"""A photo's life, on both databases: received once, three at most, decided, and destroyed without a trace by whatever ends it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from cohab_report import journal
from cohab_report.catalogue.models import Protection
from cohab_report.db import db, transaction
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings, Observation
from cohab_report.intake.photos import jobs, operations, queries
from cohab_report.intake.photos.models import Photo, PhotoReason, PhotoState
from cohab_report.media import Media
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from cohab_report.triage.models import ClosingReason
from tests import factories, pictures
from tests.cast import Cast
from tests.factories import MONDAY

A_DAY = timedelta(days=1)


def a_picture(shade: int = 0) -> bytes:
    """A picture that differs from those of other shades."""
    return pictures.saved(pictures.quarters(64 + 2 * shade, 32))


def sent(observation: Observation, data: bytes | None = None, **changes: Any) -> Photo:
    """The photo, received as a request would receive it."""
    sealed = operations.seal(observation, data or a_picture())
    with transaction():
        return operations.receive(observation, sealed, at=changes.get("at", MONDAY))


def waiting(observation: Observation, data: bytes | None = None) -> Photo:
    """The photo, developed by a worker."""
    photo = sent(observation, data)
    jobs.develop(photo.id)
    db.session.expire_all()
    return photo


def files(store: Media) -> list[str]:
    return [stored.name for shelf in ("incoming", "photos") for stored in store.names(shelf)]


def observed(category: str = "DECHET-1", **changes: Any) -> Observation:
    """An observation, received and committed before any photo comes."""
    observation = factories.observation(category, **changes)
    db.session.commit()
    return observation


@pytest.fixture
def seen(session) -> Observation:
    return observed()


def why_refused(observation: Observation, data: bytes | None = None, **changes: Any) -> str:
    with pytest.raises(Invalid) as caught:
        sent(observation, data, **changes)
    return str(caught.value.reason)


def test_an_original_lies_sealed_until_it_is_developed_and_is_gone_afterwards(store: Media, seen: Observation):
    original = pictures.with_everything()
    photo = sent(seen, original)
    (name,) = files(store)
    assert original[:100] not in store.get(name) and name == photo.incoming_name
    assert operations.opened(operations.sealed_of(photo)) == original
    jobs.develop(photo.id)
    db.session.expire_all()
    assert photo.state is PhotoState.WAITING and photo.incoming_name is None and photo.incoming_key is None
    assert set(files(store)) == {photo.full_name, photo.small_name}


def test_nothing_of_the_original_is_in_the_store_or_the_database(store: Media, seen: Observation):
    photo = waiting(seen, pictures.with_everything())
    stored = b"".join(path.read_bytes() for path in store.home.rglob("*") if path.is_file())
    assert [word for word in pictures.PRIVATE if word in stored] == []
    row = db.session.execute(text("SELECT * FROM photo")).one()
    assert photo.incoming_key is None and "SECRET" not in str(row)


def test_the_same_file_again_is_the_same_photo(store: Media, seen: Observation):
    first = sent(seen)
    assert sent(seen).id == first.id and len(queries.of([seen])) == 1 and files(store) == [first.incoming_name]
    jobs.develop(first.id)
    assert sent(seen).id == first.id and first.state is PhotoState.WAITING and len(files(store)) == 2


def test_the_same_file_of_two_observations_is_two_photos_with_nothing_in_common(seen: Observation):
    other = observed()
    assert sent(seen).digest != sent(other).digest


def test_a_fourth_photo_is_one_too_many_until_one_is_gone(seen: Observation):
    photos = [sent(seen, a_picture(shade)) for shade in range(3)]
    assert [photo.position for photo in photos] == [1, 2, 3]
    assert why_refused(seen, a_picture(3)) == "too_many"
    with transaction():
        operations.remove(photos[1], at=MONDAY)
    assert sent(seen, a_picture(3)).position == 2


def test_photos_come_within_a_day_and_where_they_are_welcome(seen: Observation, session):
    assert why_refused(seen, at=MONDAY + timedelta(hours=25)) == "late"
    for unwelcome in (
        observed("DECHET-2"), observed("LIEU-1"), observed("SOUCI"),
        observed(belongings=Belongings.UNKNOWN), observed(belongings=Belongings.YES),
    ):  # fmt: skip
        assert why_refused(unwelcome) == "not_welcome"
    assert sent(observed("BIEN-1")).state is PhotoState.RECEIVED


def test_what_was_refused_for_its_bytes_is_refused_again_and_what_we_lost_may_come_again(
    store: Media, seen: Observation
):
    broken = waiting(seen, a_picture()[:-40])
    assert (broken.state, broken.reason) == (PhotoState.REFUSED, PhotoReason.UNREADABLE)
    assert why_refused(seen, a_picture()[:-40]) == "unreadable"
    lost = sent(seen, a_picture(1))
    store.delete(lost.incoming_name or "")
    jobs.develop(lost.id)
    db.session.expire_all()
    assert (lost.state, lost.reason) == (PhotoState.REFUSED, PhotoReason.LOST)
    assert sent(seen, a_picture(1)).id == lost.id and lost.state is PhotoState.RECEIVED


def test_what_its_author_removed_does_not_come_back_with_a_late_copy_of_the_form(store: Media, seen: Observation):
    photo = waiting(seen)
    with transaction():
        operations.remove(photo, at=MONDAY)
    assert files(store) == []
    assert why_refused(seen) == "by_author"


def test_triage_keeps_a_photo_or_destroys_it_with_a_reason(store: Media, seen: Observation, cast: Cast):
    kept, other = waiting(seen), waiting(seen, a_picture(1))
    with transaction():
        operations.approve(kept, by=db.session.merge(cast.ana), at=MONDAY)
        operations.reject(other, PhotoReason.PERSON, by=db.session.merge(cast.ana), at=MONDAY)
    assert kept.is_approved and set(files(store)) == {kept.full_name, kept.small_name}
    assert (other.full_name, other.small_name, other.reason) == (None, None, PhotoReason.PERSON)
    with pytest.raises(MoveRefused), transaction():
        operations.approve(other, by=db.session.merge(cast.ana), at=MONDAY)
    with transaction():
        operations.reject(kept, PhotoReason.OTHER, by=db.session.merge(cast.ana), at=MONDAY)
    assert files(store) == []


def test_a_guard_rail_s_reason_is_none_that_triage_may_give(seen: Observation, cast: Cast):
    with pytest.raises(Invalid):
        operations.reject(waiting(seen), PhotoReason.WITHDRAWN, by=cast.ana, at=MONDAY)


def test_a_photo_is_only_decided_once_it_can_be_looked_at(seen: Observation, cast: Cast):
    with pytest.raises(MoveRefused):
        operations.approve(sent(seen), by=cast.ana, at=MONDAY)


def withdraw(observation: Observation, _cast: Cast) -> None:
    intake.withdraw(observation, at=MONDAY)


def doubt(observation: Observation, cast: Cast) -> None:
    triage.doubt_occupancy(cases.case_of(observation.id), by=db.session.merge(cast.ana), at=MONDAY)


def protect(observation: Observation, _cast: Cast) -> None:
    intake.protect(observation, Protection.NEVER_PUBLIC, at=MONDAY)


@pytest.mark.parametrize(
    ("end", "state", "reason"),
    [
        (withdraw, PhotoState.REMOVED, PhotoReason.WITHDRAWN),
        (doubt, PhotoState.DROPPED, PhotoReason.OCCUPANCY),
        (protect, PhotoState.DROPPED, PhotoReason.PROTECTED),
    ],
)
def test_photos_go_with_what_they_belong_to(
    store: Media, seen: Observation, cast: Cast, end, state: PhotoState, reason: PhotoReason
):
    noise = waiting(observed(), a_picture(5))
    photos = [sent(seen), waiting(seen, a_picture(1)), waiting(seen, a_picture(2))]
    with transaction():
        operations.approve(photos[2], by=db.session.merge(cast.ana), at=MONDAY)
    with transaction():
        end(db.session.get_one(Observation, seen.id), cast)
    db.session.expire_all()
    assert {(photo.state, photo.reason) for photo in photos} == {(state, reason)}
    assert set(files(store)) == {noise.full_name, noise.small_name}
    assert why_refused(db.session.get_one(Observation, seen.id), a_picture(3)) == "not_welcome"


def test_a_weaker_change_of_protection_keeps_them(store: Media, seen: Observation):
    photo = waiting(seen)
    with transaction():
        intake.protect(db.session.get_one(Observation, seen.id), Protection.PUBLIC_CELL, at=MONDAY)
    assert photo.state is PhotoState.WAITING and len(files(store)) == 2


def test_a_transaction_that_is_undone_destroys_nothing(store: Media, seen: Observation):
    photo = waiting(seen)

    @transaction()
    def changes_their_mind() -> None:
        operations.remove(photo, at=MONDAY)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        changes_their_mind()
    db.session.expire_all()
    assert photo.state is PhotoState.WAITING and len(files(store)) == 2


def test_the_journal_tells_what_became_of_a_photo_and_nothing_of_it(seen: Observation, cast: Cast):
    photo = waiting(seen)
    with transaction():
        operations.reject(photo, PhotoReason.BELONGINGS, by=db.session.merge(cast.ana), at=MONDAY)
    told = [event for event in journal.history(seen.reference) if event.name.startswith("photo.")]
    assert {event.name for event in told} == {"photo.received", "photo.rejected"}
    assert not any(event.is_public for event in told)
    assert {key for event in told for key in event.facts} == {"photo", "reason"}
    assert db.session.scalars(select(Photo)).one().observation_id == seen.id


def test_photos_are_destroyed_thirty_days_after_closing_and_not_while_it_is_open_again(
    session, store: Media, cast: Cast
) -> None:
    def closed() -> Photo:
        case = factories.accepted(cast.ana)
        db.session.commit()
        photo = waiting(case.observations[0])
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=MONDAY + A_DAY)
        db.session.commit()
        return photo

    over, again, still_open = closed(), closed(), waiting(observed())
    with transaction():
        intake.request_reopening(again.observation, at=MONDAY + 9 * A_DAY)
    assert jobs.forget_photos(at=MONDAY + 31 * A_DAY) == 0
    with transaction():
        assert jobs.forget_photos(at=MONDAY + 31 * A_DAY + timedelta(minutes=1)) == 1
    assert (over.state, over.reason, over.full_name) == (PhotoState.DROPPED, PhotoReason.EXPIRED, None)
    assert again.has_picture and still_open.has_picture
    assert set(files(store)) == {name for photo in (again, still_open) for name in (photo.full_name, photo.small_name)}
    assert jobs.forget_photos(at=MONDAY + 99 * A_DAY) == 0
