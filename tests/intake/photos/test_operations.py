"""The operations on photos, on both databases: received once, three at most, decided, deleted by any ending."""

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
from cohab_report.media import MediaStore
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from cohab_report.triage.models import ClosingReason
from tests import factories, pictures
from tests.cast import Cast
from tests.factories import MONDAY

A_DAY = timedelta(days=1)


def a_picture(shade: int = 0) -> bytes:
    """Returns a picture that differs from those of other shades."""
    return pictures.image_bytes(pictures.coloured_quarters(64 + 2 * shade, 32))


def received_photo(observation: Observation, data: bytes | None = None, **changes: Any) -> Photo:
    """Receives a photo as a request would."""
    original = operations.store_original(observation, data or a_picture())
    with transaction():
        return operations.receive_photo(observation, original, at=changes.get("at", MONDAY))


def waiting_photo(observation: Observation, data: bytes | None = None) -> Photo:
    """Receives a photo and re-encodes it as a worker would."""
    photo = received_photo(observation, data)
    jobs.reencode_photo(photo.id)
    db.session.expire_all()
    return photo


def files(store: MediaStore) -> list[str]:
    return [file.name for folder in ("incoming", "photos") for file in store.list_files(folder)]


def committed_observation(category: str = "DECHET-1", **changes: Any) -> Observation:
    """Receives an observation and commits it before any photo comes."""
    observation = factories.observation(category, **changes)
    db.session.commit()
    return observation


@pytest.fixture
def observation(session) -> Observation:
    return committed_observation()


def refusal_of(observation: Observation, data: bytes | None = None, **changes: Any) -> str:
    with pytest.raises(Invalid) as caught:
        received_photo(observation, data, **changes)
    return str(caught.value.reason)


def test_an_original_is_encrypted_until_it_is_reencoded_and_deleted_afterwards(
    store: MediaStore, observation: Observation
):
    original = pictures.jpeg_with_all_metadata()
    photo = received_photo(observation, original)
    (name,) = files(store)
    assert original[:100] not in store.get(name) and name == photo.incoming_name
    assert operations.decrypt_original(operations.original_of(photo)) == original
    jobs.reencode_photo(photo.id)
    db.session.expire_all()
    assert photo.state is PhotoState.WAITING and photo.incoming_name is None and photo.incoming_key is None
    assert set(files(store)) == {photo.full_name, photo.small_name}


def test_nothing_of_the_original_is_in_the_store_or_the_database(store: MediaStore, observation: Observation):
    photo = waiting_photo(observation, pictures.jpeg_with_all_metadata())
    stored = b"".join(path.read_bytes() for path in store.root.rglob("*") if path.is_file())
    assert [word for word in pictures.PRIVATE_METADATA if word in stored] == []
    row = db.session.execute(text("SELECT * FROM photo")).one()
    assert photo.incoming_key is None and "SECRET" not in str(row)


def test_the_same_file_again_is_the_same_photo(store: MediaStore, observation: Observation):
    first = received_photo(observation)
    assert (
        received_photo(observation).id == first.id
        and len(queries.photos_of([observation])) == 1
        and files(store) == [first.incoming_name]
    )
    jobs.reencode_photo(first.id)
    assert received_photo(observation).id == first.id and first.state is PhotoState.WAITING and len(files(store)) == 2


def test_the_same_file_of_two_observations_is_two_photos_with_nothing_in_common(observation: Observation):
    other = committed_observation()
    assert received_photo(observation).digest != received_photo(other).digest


def test_a_fourth_photo_is_one_too_many_until_one_is_gone(observation: Observation):
    photos = [received_photo(observation, a_picture(shade)) for shade in range(3)]
    assert [photo.position for photo in photos] == [1, 2, 3]
    assert refusal_of(observation, a_picture(3)) == "too_many"
    with transaction():
        operations.remove_photo(photos[1], at=MONDAY)
    assert received_photo(observation, a_picture(3)).position == 2


def test_photos_come_within_a_day_and_where_they_are_allowed(observation: Observation, session):
    assert refusal_of(observation, at=MONDAY + timedelta(hours=25)) == "late"
    for unwelcome in (
        committed_observation("DECHET-2"),
        committed_observation("LIEU-1"),
        committed_observation("SOUCI"),
        committed_observation(belongings=Belongings.UNKNOWN),
        committed_observation(belongings=Belongings.YES),
    ):
        assert refusal_of(unwelcome) == "not_welcome"
    assert received_photo(committed_observation("BIEN-1")).state is PhotoState.RECEIVED


def test_what_was_refused_for_its_bytes_is_refused_again_and_what_we_lost_may_come_again(
    store: MediaStore, observation: Observation
):
    broken = waiting_photo(observation, a_picture()[:-40])
    assert (broken.state, broken.reason) == (PhotoState.REFUSED, PhotoReason.UNREADABLE)
    assert refusal_of(observation, a_picture()[:-40]) == "unreadable"
    lost = received_photo(observation, a_picture(1))
    store.delete(lost.incoming_name or "")
    jobs.reencode_photo(lost.id)
    db.session.expire_all()
    assert (lost.state, lost.reason) == (PhotoState.REFUSED, PhotoReason.LOST)
    assert received_photo(observation, a_picture(1)).id == lost.id and lost.state is PhotoState.RECEIVED


def test_what_its_author_removed_does_not_come_back_with_a_late_copy_of_the_form(
    store: MediaStore, observation: Observation
):
    photo = waiting_photo(observation)
    with transaction():
        operations.remove_photo(photo, at=MONDAY)
    assert files(store) == []
    assert refusal_of(observation) == "by_author"


def test_triage_approves_a_photo_or_deletes_it_with_a_reason(store: MediaStore, observation: Observation, cast: Cast):
    approved, rejected = waiting_photo(observation), waiting_photo(observation, a_picture(1))
    with transaction():
        operations.approve_photo(approved, by=db.session.merge(cast.ana), at=MONDAY)
        operations.reject_photo(rejected, PhotoReason.PERSON, by=db.session.merge(cast.ana), at=MONDAY)
    assert approved.is_approved and set(files(store)) == {approved.full_name, approved.small_name}
    assert (rejected.full_name, rejected.small_name, rejected.reason) == (None, None, PhotoReason.PERSON)
    with pytest.raises(MoveRefused), transaction():
        operations.approve_photo(rejected, by=db.session.merge(cast.ana), at=MONDAY)
    with transaction():
        operations.reject_photo(approved, PhotoReason.OTHER, by=db.session.merge(cast.ana), at=MONDAY)
    assert files(store) == []


def test_a_guard_rail_s_reason_is_none_that_triage_may_give(observation: Observation, cast: Cast):
    with pytest.raises(Invalid):
        operations.reject_photo(waiting_photo(observation), PhotoReason.WITHDRAWN, by=cast.ana, at=MONDAY)


def test_a_photo_is_only_decided_once_it_can_be_looked_at(observation: Observation, cast: Cast):
    with pytest.raises(MoveRefused):
        operations.approve_photo(received_photo(observation), by=cast.ana, at=MONDAY)


def withdraw(observation: Observation, _cast: Cast) -> None:
    intake.withdraw(observation, at=MONDAY)


def require_check(observation: Observation, cast: Cast) -> None:
    triage.request_occupancy_check(cases.case_of_observation(observation.id), by=db.session.merge(cast.ana), at=MONDAY)


def protect(observation: Observation, _cast: Cast) -> None:
    intake.raise_protection(observation, Protection.NEVER_PUBLIC, at=MONDAY)


@pytest.mark.parametrize(
    ("end", "state", "reason"),
    [
        (withdraw, PhotoState.REMOVED, PhotoReason.WITHDRAWN),
        (require_check, PhotoState.DROPPED, PhotoReason.OCCUPANCY),
        (protect, PhotoState.DROPPED, PhotoReason.PROTECTED),
    ],
)
def test_photos_go_with_what_they_belong_to(
    store: MediaStore, observation: Observation, cast: Cast, end, state: PhotoState, reason: PhotoReason
):
    noise = waiting_photo(committed_observation(), a_picture(5))
    photos = [
        received_photo(observation),
        waiting_photo(observation, a_picture(1)),
        waiting_photo(observation, a_picture(2)),
    ]
    with transaction():
        operations.approve_photo(photos[2], by=db.session.merge(cast.ana), at=MONDAY)
    with transaction():
        end(db.session.get_one(Observation, observation.id), cast)
    db.session.expire_all()
    assert {(photo.state, photo.reason) for photo in photos} == {(state, reason)}
    assert set(files(store)) == {noise.full_name, noise.small_name}
    if state is PhotoState.REMOVED:
        assert refusal_of(db.session.get_one(Observation, observation.id), a_picture(3)) == "not_welcome"
    else:
        late = waiting_photo(observation, a_picture(3))
        assert (late.state, late.reason) == (PhotoState.DROPPED, PhotoReason.PROTECTED), "taken without a word"
        assert set(files(store)) == {noise.full_name, noise.small_name}


def test_a_weaker_change_of_protection_keeps_them(store: MediaStore, observation: Observation):
    photo = waiting_photo(observation)
    with transaction():
        intake.raise_protection(db.session.get_one(Observation, observation.id), Protection.PUBLIC_CELL, at=MONDAY)
    assert photo.state is PhotoState.WAITING and len(files(store)) == 2


def test_a_transaction_that_is_rolled_back_deletes_nothing(store: MediaStore, observation: Observation):
    photo = waiting_photo(observation)

    @transaction()
    def changes_their_mind() -> None:
        operations.remove_photo(photo, at=MONDAY)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        changes_their_mind()
    db.session.expire_all()
    assert photo.state is PhotoState.WAITING and len(files(store)) == 2


def test_the_journal_tells_what_became_of_a_photo_and_nothing_of_it(observation: Observation, cast: Cast):
    photo = waiting_photo(observation)
    with transaction():
        operations.reject_photo(photo, PhotoReason.BELONGINGS, by=db.session.merge(cast.ana), at=MONDAY)
    events = [event for event in journal.history(observation.reference) if event.name.startswith("photo.")]
    assert {event.name for event in events} == {"photo.received", "photo.rejected"}
    assert not any(event.is_public for event in events)
    assert {key for event in events for key in event.facts} == {"photo", "reason"}
    assert db.session.scalars(select(Photo)).one().observation_id == observation.id


A_MINUTE = timedelta(minutes=1)


def approve(photo: Photo, cast: Cast) -> None:
    operations.approve_photo(photo, by=db.session.merge(cast.bea), at=MONDAY + A_MINUTE)


def reject(photo: Photo, cast: Cast) -> None:
    operations.reject_photo(photo, PhotoReason.PERSON, by=db.session.merge(cast.bea), at=MONDAY + A_MINUTE)


def remove(photo: Photo, _cast: Cast) -> None:
    operations.remove_photo(photo, at=MONDAY + A_MINUTE)


def refuse(photo: Photo, _cast: Cast) -> None:
    operations.refuse_photo(photo, PhotoReason.UNREADABLE, at=MONDAY + A_MINUTE)


def drop(photo: Photo, _cast: Cast) -> None:
    photo.observation.protection = Protection.NEVER_PUBLIC
    operations.drop_if_protected(photo, at=MONDAY + A_MINUTE)


def take_back(photo: Photo, _cast: Cast) -> None:
    intake.withdraw(photo.observation, at=MONDAY + A_MINUTE)


@pytest.mark.parametrize(
    ("begin", "act", "name", "reason", "actor"),
    [
        (waiting_photo, approve, "photo.approved", None, "bea"),
        (waiting_photo, reject, "photo.rejected", PhotoReason.PERSON, "bea"),
        (waiting_photo, remove, "photo.removed", PhotoReason.BY_AUTHOR, journal.RESIDENT),
        (received_photo, remove, "photo.removed", PhotoReason.BY_AUTHOR, journal.RESIDENT),
        (received_photo, refuse, "photo.refused", PhotoReason.UNREADABLE, journal.SYSTEM),
        (received_photo, drop, "photo.dropped", PhotoReason.PROTECTED, journal.SYSTEM),
        (waiting_photo, take_back, "photo.removed", PhotoReason.WITHDRAWN, journal.RESIDENT),
    ],
)
def test_each_decision_on_a_photo_is_kept_with_who_made_it_and_when_and_leaves_no_file_of_what_ended(
    store: MediaStore, observation: Observation, cast: Cast, begin, act, name: str, reason: PhotoReason | None, actor
):
    noise, photo = waiting_photo(committed_observation(), a_picture(9)), begin(observation)
    kept_files = {noise.full_name, noise.small_name}
    with transaction():
        act(db.session.get_one(Photo, photo.id), cast)
    db.session.expire_all()
    assert (photo.decided_at, photo.reason, noise.state) == (MONDAY + A_MINUTE, reason, PhotoState.WAITING)
    who = db.session.merge(cast.bea) if actor == "bea" else actor
    assert photo.decided_by_id == (who.id if actor == "bea" else None)
    received, decided = sorted(
        (event for event in journal.history(observation.reference) if event.name.startswith("photo.")),
        key=lambda event: event.id,
    )
    assert (received.name, received.actor, received.happened_at) == (
        "photo.received",
        journal.RESIDENT.journal_name,
        MONDAY,
    )
    assert (decided.name, decided.actor, decided.happened_at) == (name, who.journal_name, MONDAY + A_MINUTE)
    assert received.facts == {"photo": photo.id}
    assert decided.facts == {"photo": photo.id} | ({"reason": reason.value} if reason else {})
    pictures_left = {photo.full_name, photo.small_name} if reason is None else set()
    assert set(files(store)) == kept_files | pictures_left and photo.incoming_key is None
    assert reason is None or (photo.full_name, photo.small_name, photo.incoming_name) == (None, None, None)


def test_what_comes_again_after_it_was_lost_begins_anew(store: MediaStore, observation: Observation):
    lost = received_photo(observation)
    store.delete(lost.incoming_name or "")
    jobs.reencode_photo(lost.id)
    db.session.expire_all()
    assert lost.tries and lost.tried_at
    again = received_photo(observation, at=MONDAY + A_MINUTE)
    assert (again.id, again.state, again.reason) == (lost.id, PhotoState.RECEIVED, None)
    assert (again.received_at, again.tried_at, again.tries, again.position) == (MONDAY + A_MINUTE, None, 0, 1)
    assert files(store) == [again.incoming_name]


def test_photos_come_for_a_day_to_the_moment(observation: Observation):
    assert received_photo(observation, at=MONDAY + A_DAY).state is PhotoState.RECEIVED
    assert refusal_of(observation, a_picture(1), at=MONDAY + A_DAY + timedelta(seconds=1)) == "late"


def test_photos_are_deleted_thirty_days_after_closing_and_not_while_it_is_open_again(
    session, store: MediaStore, cast: Cast
) -> None:
    def closed() -> Photo:
        case = factories.accepted_case(cast.ana)
        db.session.commit()
        photo = waiting_photo(case.observations[0])
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=MONDAY + A_DAY)
        db.session.commit()
        return photo

    expired, reopened, still_open = closed(), closed(), waiting_photo(committed_observation())
    with transaction():
        intake.request_reopening(reopened.observation, at=MONDAY + 9 * A_DAY)
    assert jobs.delete_expired_photos(at=MONDAY + 31 * A_DAY) == 0
    with transaction():
        assert jobs.delete_expired_photos(at=MONDAY + 31 * A_DAY + timedelta(minutes=1)) == 1
    assert (expired.state, expired.reason, expired.full_name) == (PhotoState.DROPPED, PhotoReason.EXPIRED, None)
    assert reopened.has_picture and still_open.has_picture
    assert set(files(store)) == {
        name for photo in (reopened, still_open) for name in (photo.full_name, photo.small_name)
    }
    assert jobs.delete_expired_photos(at=MONDAY + 99 * A_DAY) == 0
