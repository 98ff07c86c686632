"""The e-mails to residents. A mailbox may be shared: no e-mail has the text, the place, the code or a link that opens
the observation, and of one that is not public not even the category.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import render_template, url_for
from flask_babel import force_locale, gettext

from cohab_report.catalogue import queries as catalogue
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts.models import Contact
from cohab_report.intake.contacts.operations import CONFIRM_WITHIN
from cohab_report.intake.models import Observation
from cohab_report.journal import Event
from cohab_report.notify.channels import OutgoingMessage
from cohab_report.territory import queries as territory
from cohab_report.web.languages import LOCALES, words

RESIDENT_LIST_NAME = "Suivi"


def confirmation_message(contact: Contact, *, number: int, at: datetime) -> OutgoingMessage:
    """Returns the e-mail that asks to confirm the address: who asks, what will come, and the link.

    Who did not ask has nothing to do.
    """
    with force_locale(LOCALES[contact.language]):
        token = encryption.link_token(encryption.CONFIRM, contact.seed or "")
        facts = {
            "confirm": url_for("resident.confirm_address", token=token, _external=True),
            "days": CONFIRM_WITHIN.days,
        }
        return _resident_message(
            "confirm", str(gettext("Confirmez votre adresse de courriel")), contact, facts, number=number, at=at
        )


def news_message(contact: Contact, events: Sequence[Event], *, number: int, at: datetime) -> OutgoingMessage:
    """Returns the e-mail with the news of these events, in the follow page's words.

    The outcome's words are included for a public observation only.
    """
    with force_locale(LOCALES[contact.language]):
        facts = {
            "sentences": _event_sentences(contact.observation, events),
            "follow": url_for("resident.follow", _external=True),
        }
        return _resident_message("news", _news_subject(contact.observation), contact, facts, number=number, at=at)


def _news_subject(observation: Observation) -> str:
    # The same for each e-mail about an observation: mail programs group what has one subject.
    if not observation.is_public:
        return str(gettext("Du nouveau pour votre observation"))
    return str(gettext("Du nouveau pour votre observation : %(category)s", category=words(observation.category.name)))


def _event_sentences(observation: Observation, events: Sequence[Event]) -> list[str]:
    is_named = observation.is_public
    answers = catalogue.responses_to(observation.category.code, observation.kind) if is_named else {}
    return [
        render_template(
            "email/event_sentence.txt",
            event=event,
            is_named=is_named,
            answer=answers.get(event.facts.get("reason", "")),
        ).strip()
        for event in events
    ]


def _resident_message(
    name: str, subject: str, contact: Contact, facts: Mapping[str, object], *, number: int, at: datetime
) -> OutgoingMessage:
    observation = contact.observation
    stop = url_for(
        "resident.stop_emails", token=encryption.link_token(encryption.STOP, contact.seed or ""), _external=True
    )
    variables = {
        **facts,
        "subject": subject,
        "stop": stop,
        "city": territory.city_facts().name,
        "sent_at": observation.received_at,
        "category": observation.category.name if observation.is_public else None,
    }
    return OutgoingMessage(
        number,
        subject,
        render_template(f"email/{name}.txt", **variables),
        render_template(f"email/{name}.html", **variables),
        ("contact", contact.id),
        at,
        RESIDENT_LIST_NAME,
        stop,
    )
