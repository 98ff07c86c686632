"""What intake gives the app: the captions of its events, and the listener that has photos re-encoded."""

from flask import Flask

from cohab_report.intake import captions
from cohab_report.intake.inquiries import captions as inquiry_captions
from cohab_report.intake.photos import captions as photo_captions
from cohab_report.intake.photos import listeners as photo_listeners
from cohab_report.web.event_captions import provide_event_captions


def init_app(app: Flask) -> None:
    """Gives the app what intake has."""
    for each in (captions, inquiry_captions, photo_captions):
        provide_event_captions(app, each.EVENT_CAPTIONS)
    photo_listeners.init_app(app)
