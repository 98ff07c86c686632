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
from cohab_report.intake.stories import queries as stories
from cohab_report.intake.stories.queries import AuthorStory
from cohab_report.intake.stories.telling import ToldEvent
from cohab_report.notify.channels import OutgoingMessage
from cohab_report.territory import queries as territory
from cohab_report.web.languages import LOCALES, words

RESIDENT_LIST_NAME = "Suivi"


def confirmation_message(contact: Contact, *, number: int, at: datetime) -> OutgoingMessage:
    """Returns the e-mail that asks to confirm the address: who asks, what will come, and the link.

    Who did not ask has nothing to do.
    """
    with force_locale(LOCALES[contact.language]):
        token = encryption.link_token(encryption.CONFIRM, contact.seed or "", contact.confirm_hash)
        facts = {
            "confirm": url_for("resident.confirm_address", token=token, _external=True),
            "days": CONFIRM_WITHIN.days,
        }
        return _resident_message(
            "confirm",
            str(gettext("Confirmez votre adresse de courriel")),
            contact,
            facts,
            story=stories.story_of(contact.observation),
            number=number,
            at=at,
        )


def news_message(
    contact: Contact, events: Sequence[ToldEvent], story: AuthorStory, *, number: int, at: datetime
) -> OutgoingMessage:
    """Returns the e-mail with the news of these events of the author's story, in the follow page's words.

    The category, and the outcome's words, are included only where everybody could read the observation.
    """
    with force_locale(LOCALES[contact.language]):
        facts = {
            "sentences": _event_sentences(contact.observation, events, story),
            "follow": url_for("resident.follow", _external=True),
        }
        subject = _news_subject(contact.observation, story)
        return _resident_message("news", subject, contact, facts, story=story, number=number, at=at)


def _news_subject(observation: Observation, story: AuthorStory) -> str:
    # The same for each e-mail about an observation: mail programs group what has one subject.
    if not story.names_category:
        return str(gettext("Du nouveau pour votre observation"))
    return str(gettext("Du nouveau pour votre observation : %(category)s", category=words(observation.category.name)))


def _event_sentences(observation: Observation, events: Sequence[ToldEvent], story: AuthorStory) -> list[str]:
    is_named = story.names_category
    answers = catalogue.responses_to(observation.category.code, observation.kind) if is_named else {}
    return [
        render_template(
            "email/event_sentence.txt",
            event=event,
            is_named=is_named,
            answer=answers.get(event.reason or ""),
        ).strip()
        for event in events
    ]


def _resident_message(
    name: str,
    subject: str,
    contact: Contact,
    facts: Mapping[str, object],
    *,
    story: AuthorStory,
    number: int,
    at: datetime,
) -> OutgoingMessage:
    observation = contact.observation
    token = encryption.link_token(encryption.STOP, contact.seed or "", contact.stop_hash)
    stop = url_for("resident.stop_emails", token=token, _external=True)
    variables = {
        **facts,
        "subject": subject,
        "stop": stop,
        "city": territory.city_facts().name,
        "sent_at": observation.received_at,
        "category": observation.category.name if story.names_category else None,
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
