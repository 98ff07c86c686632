"""What a resident reads in a letter. A mailbox may be shared: no letter holds the text, the place, the code or a link that opens the
observation, and of one that not everybody may read not even what it is about.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import render_template, url_for
from flask_babel import force_locale, gettext

from cohab_report.catalogue import queries as catalogue
from cohab_report.intake.contacts import sealing
from cohab_report.intake.contacts.models import Contact
from cohab_report.intake.contacts.operations import CONFIRM_WITHIN
from cohab_report.intake.models import Observation
from cohab_report.journal import Event
from cohab_report.notify.channels import Letter
from cohab_report.territory import queries as territory
from cohab_report.web.languages import LOCALES, words

LIST = "Suivi"


def to_confirm(contact: Contact, *, number: int, at: datetime) -> Letter:
    """The owner of the address reads who asks, what will come, and where to say yes; whoever did not ask has nothing to do."""
    with force_locale(LOCALES[contact.language]):
        token = sealing.token_for(sealing.CONFIRM, contact.seed or "")
        facts = {
            "confirm": url_for("resident.confirm_address", token=token, _external=True),
            "days": CONFIRM_WITHIN.days,
        }
        return _letter(
            "confirm", str(gettext("Confirmez votre adresse de courriel")), contact, facts, number=number, at=at
        )


def news(contact: Contact, events: Sequence[Event], *, number: int, at: datetime) -> Letter:
    """What changed since the last letter, in the words of the follow page; the outcome's only where everybody may read what it is about."""
    with force_locale(LOCALES[contact.language]):
        facts = {"told": _told(contact.observation, events), "follow": url_for("resident.follow", _external=True)}
        return _letter("news", _subject(contact.observation), contact, facts, number=number, at=at)


def _subject(observation: Observation) -> str:
    # The same for each letter of an observation: mail programs keep together what has one subject.
    if not observation.is_public:
        return str(gettext("Du nouveau pour votre observation"))
    return str(gettext("Du nouveau pour votre observation : %(category)s", category=words(observation.category.name)))


def _told(observation: Observation, events: Sequence[Event]) -> list[str]:
    is_named = observation.is_public
    answers = catalogue.responses_to(observation.category.code, observation.kind) if is_named else {}
    return [
        render_template(
            "email/told.txt", event=event, is_named=is_named, answer=answers.get(event.facts.get("reason", ""))
        ).strip()
        for event in events
    ]


def _letter(
    name: str, subject: str, contact: Contact, facts: Mapping[str, object], *, number: int, at: datetime
) -> Letter:
    observation = contact.observation
    stop = url_for("resident.stop_letters", token=sealing.token_for(sealing.STOP, contact.seed or ""), _external=True)
    known = {
        **facts, "subject": subject, "stop": stop, "city": territory.ground().name, "sent_at": observation.received_at,
        "category": observation.category.name if observation.is_public else None,
    }  # fmt: skip
    return Letter(
        number, subject, render_template(f"email/{name}.txt", **known), render_template(f"email/{name}.html", **known),
        f"contact-{contact.id}", at, LIST, stop,
    )  # fmt: skip
