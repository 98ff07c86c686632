"""The pages about e-mail. Programs that open each link of a letter before its reader does change nothing: only a pressed button does."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from flask import flash, redirect, render_template, session, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, MoveRefused, NotThere
from cohab_report.intake.contacts import operations, queries, sealing
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.models import Observation
from cohab_report.resident import journey
from cohab_report.resident.door import bp
from cohab_report.resident.following import views as follow_views
from cohab_report.resident.journey import Answer
from cohab_report.resident.letters.forms import AddressForm
from cohab_report.resident.sending import views as sending_views
from cohab_report.web import throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.extensions import csrf
from cohab_report.web.languages import LOCALES, current_language

CONFIRMED = "address_confirmed"


@bp.post("/recu/courriel")
@throttle.letters
@open_to_all
def ask_from_receipt() -> Answer:
    """A letter to confirm the address is on its way; the receipt is shown again."""
    observation = journey.just_sent()
    if observation is None:
        return redirect(url_for("resident.follow"), 303)
    form = AddressForm()
    return _asked(observation, form, "resident.receipt") or sending_views.receipt_page(observation, form)


@bp.post("/suivi/courriel")
@throttle.letters
@open_to_all
def ask_from_follow() -> Answer:
    """A letter to confirm the address is on its way; the follow page is shown again."""
    observation, form = follow_views.followed(), AddressForm()
    return _asked(observation, form, "resident.follow") or follow_views.story_page(observation, address_form=form)


@bp.post("/suivi/courriel/arreter")
@open_to_all
@transaction()
def stop_from_follow() -> Response:
    """The address is erased, by whoever holds the code."""
    operations.end_of(follow_views.followed(), Ending.STOPPED, by=journal.RESIDENT, at=now())
    flash(_("Votre adresse est effacée. Plus aucun courriel ne partira."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.get("/courriel/confirmer/<token>")
@open_to_all
def confirm_address(token: str) -> Answer:
    """The button that confirms; looking at it confirms nothing."""
    contact = operations.to_confirm(token, at=now())
    with _language_of(contact):
        return render_template(
            "resident/confirm_address.html", token=token, is_good=contact is not None
        ), 200 if contact else 410


@bp.post("/courriel/confirmer/<token>")
@open_to_all
def confirm_now(token: str) -> Answer:
    """The address is confirmed, once."""
    try:
        with transaction():
            session[CONFIRMED] = operations.confirm(token, at=now()).id
    except MoveRefused:
        return confirm_address(token)
    return redirect(url_for("resident.confirmed_address"), 303)


@bp.get("/courriel/confirme")
@open_to_all
def confirmed_address() -> Answer:
    """Thanks, and where the observation stands in one word: the letter's reader may be somebody else, so nothing more is told."""
    contact = queries.by_number(session[CONFIRMED]) if CONFIRMED in session else None
    if contact is None or not contact.is_confirmed:
        return redirect(url_for("resident.follow"), 303)
    with _language_of(contact):
        return render_template("resident/confirmed_address.html", status=contact.observation.status)


@bp.get("/courriel/arreter/<token>")
@open_to_all
def stop_letters(token: str) -> str:
    """The button that ends the messages; the page is the same for every token, known or not."""
    with _language_of(queries.by_stop_hash(sealing.hash_of(token))):
        return render_template("resident/stop_letters.html", token=token, is_done=False)


@bp.post("/courriel/arreter/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]  # a mail program sends this without ever having seen a page (RFC 8058); the token is the permission, and all it can do is end
@open_to_all
def stop_letters_now(token: str) -> str:
    """The address is erased, however often this is sent. Not a redirect, which RFC 8058 forbids here."""
    contact = queries.by_stop_hash(sealing.hash_of(token))
    language = contact.language if contact else None
    with transaction():
        operations.stop(token, at=now())
    with _language(language):
        return render_template("resident/stop_letters.html", token=token, is_done=True)


def _asked(observation: Observation, form: AddressForm, endpoint: str) -> Answer | None:
    """Where to go once the letter is asked for; None when the form must be shown again."""
    if not sealing.is_possible():
        raise NotThere
    if not form.validate():
        return None
    try:
        with transaction():
            operations.ask(observation, form.email.data or "", language=current_language(), at=now())
    except Invalid as error:
        form.refuse(error)
        return None
    flash(_("Un courriel part vers cette adresse. Ouvrez son lien dans les 7 jours pour confirmer."), "done")
    return redirect(url_for(endpoint, _anchor="courriel"), 303)


def _language_of(contact: Contact | None) -> AbstractContextManager[None]:
    return _language(contact.language if contact else None)


@contextmanager
def _language(code: str | None) -> Iterator[None]:
    """Pages behind a letter's link speak the letter's language, unless the reader has chosen one."""
    if code is None or "language" in session:
        yield
        return
    with force_locale(LOCALES[code]):
        yield
