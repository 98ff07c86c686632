"""Tells the app what intake and its rooms give it."""

from flask import Flask

from cohab_report import jobs, journal, media
from cohab_report.clock import now
from cohab_report.errors import Unavailable
from cohab_report.intake import captions, floods
from cohab_report.intake.author_sessions import operations as author_sessions
from cohab_report.intake.contacts import commands as contact_commands
from cohab_report.intake.contacts import expiry
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.inquiries import captions as inquiry_captions
from cohab_report.intake.photos import captions as photo_captions
from cohab_report.intake.photos import jobs as photos
from cohab_report.intake.photos import listeners as photo_listeners
from cohab_report.intake.photos import photo_sandbox
from cohab_report.intake.photos import queries as photo_queries
from cohab_report.intake.photos.events import PhotoReceived
from cohab_report.intake.wording import captions as wording_captions
from cohab_report.metrics import provide_metric
from cohab_report.settings import current_settings
from cohab_report.web import health
from cohab_report.web.captions import provide_captions
from cohab_report.web.event_captions import provide_event_captions


def init_app(app: Flask) -> None:
    """Registers captions, the work on photos, the night's edition, and what is erased on schedule."""
    provide_captions(app, captions, inquiry_captions, photo_captions, wording_captions)
    for each in (captions, inquiry_captions, photo_captions):
        provide_event_captions(app, each.EVENT_CAPTIONS)
    journal.listen_after_commit(app, PhotoReceived, photo_listeners.reencode_received_photo)
    health.provide_check(app, "edition", _edition_state, needed=False)
    health.provide_check(app, "photos", _photos_state, needed=False)
    _provide_metrics(app)
    app.cli.add_command(contact_commands.reseal_contacts)
    jobs.schedule(app, photos.reencode_due_photos_now, every=60, queue=jobs.QueueName.PICTURES)
    jobs.schedule(app, photos.delete_orphan_files_now, every=3600, queue=jobs.QueueName.PICTURES)
    jobs.schedule(app, photos.delete_expired_photos_now, cron="29 8 * * *")
    jobs.schedule(app, author_sessions.end_sessions_over_now, every=3600)
    jobs.schedule(app, floods.erase_old_network_hashes_now, cron="17 8 * * *")
    jobs.schedule(app, editions.make_due_edition_now, every=600)
    jobs.schedule(app, expiry.erase_expired_contacts_now, cron="23 8 * * *")


def _provide_metrics(app: Flask) -> None:
    for name, description, value in (
        ("photos_waiting", "Photos that wait for being re-encoded.", photo_queries.received_photos_count),
        (
            "photos_age_seconds",
            "How long the first of these has waited.",
            lambda: photo_queries.received_photos_age(at=now()),
        ),
        ("edition_age_seconds", "Since the last edition of the public list.", lambda: editions.edition_age(at=now())),
    ):
        provide_metric(app, name, description, value)


def _edition_state() -> str:
    return "late" if editions.is_late(at=now()) else health.OK


def _photos_state() -> str:
    try:
        media.media_store().refuse_unless_writable()
    except Unavailable:
        return "can't be stored"
    return _decoder_problem() or health.OK


def _decoder_problem() -> str:
    if service := current_settings().decoder_socket:
        return photo_sandbox.state_of_service(service)
    try:
        is_protected = photo_sandbox.can_be_protected()
    except photo_sandbox.DecoderStopped:
        return "decoder does not start"
    return "" if is_protected else "decoder not protected by the kernel"
