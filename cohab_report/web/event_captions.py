"""The captions of the journal's events, which each package gives the app, for pages that show a history."""

from collections.abc import Mapping

from flask import Flask, current_app
from flask_babel import LazyString

EVENT_CAPTIONS_EXTENSION = "cohab.event_captions"


def provide_event_captions(app: Flask, captions: Mapping[str, LazyString]) -> None:
    """Gives the app the words for these events, by the event's name."""
    app.extensions.setdefault(EVENT_CAPTIONS_EXTENSION, {}).update(captions)


def event_caption(name: str) -> str:
    """Returns the words for the event of this name, in the language of the request.

    An event that another version of the product recorded has no words here: its name stands for them.
    """
    captions: Mapping[str, LazyString] = current_app.extensions[EVENT_CAPTIONS_EXTENSION]
    return str(captions.get(name, name))
