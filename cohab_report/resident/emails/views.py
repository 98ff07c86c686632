"""The pages about news by e-mail.

Opening a link changes nothing, since mail programs open links by themselves: only a button does.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from flask import flash, redirect, render_template, session, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.encrypted_numbers import decrypt_number, encrypt_number
from cohab_report.errors import Invalid, MoveRefused, NotFound
from cohab_report.intake.contacts import encryption, operations, queries
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.models import Observation
from cohab_report.intake.stories import queries as stories
from cohab_report.resident import own_observation
from cohab_report.resident.blueprint import bp
from cohab_report.resident.emails.forms import AddressForm
from cohab_report.resident.following import views as follow_views
from cohab_report.resident.sending import views as sending_views
from cohab_report.resident.steps import PageResponse
from cohab_report.settings import current_settings
from cohab_report.web import throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.extensions import csrf
from cohab_report.web.languages import LOCALES, current_language
from cohab_report.web.typed_text import gives_back

CONFIRMED_CONTACT_KEY = "address_confirmed"


@bp.post("/recu/courriel")
@throttle.limit_emails
@open_to_all
@gives_back(AddressForm)
def ask_from_receipt() -> PageResponse:
    """Sends an e-mail that asks to confirm the address; redirects to the receipt."""
    receipt, form = own_observation.last_receipt(), AddressForm()
    if receipt is None:
        return redirect(url_for("resident.follow"), 303)
    return _request_confirmation(receipt.observation, form, "resident.receipt") or sending_views.receipt_page(
        receipt, form
    )


@bp.post("/suivi/courriel")
@throttle.limit_emails
@open_to_all
@gives_back(AddressForm)
def ask_from_follow() -> PageResponse:
    """Sends an e-mail that asks to confirm the address; redirects to the follow page."""
    observation, form = own_observation.followed_observation(), AddressForm()
    return _request_confirmation(observation, form, "resident.follow") or follow_views.follow_page(
        observation, address_form=form
    )


@bp.post("/suivi/courriel/arreter")
@open_to_all
@transaction()
def stop_from_follow() -> Response:
    """Erases the address, for whoever has the follow-up code."""
    operations.end_contact_of(own_observation.followed_observation(), Ending.STOPPED, by=journal.RESIDENT, at=now())
    flash(_("Votre adresse est effacée. Plus aucun courriel ne partira."), "done")
    return redirect(url_for("resident.follow"), 303)


@bp.get("/courriel/confirmer/<token>")
@open_to_all
def confirm_address(token: str) -> PageResponse:
    """Shows the button that confirms the address; 410 for a token that confirms nothing any more."""
    contact = operations.contact_to_confirm(token, at=now())
    with _in_language_of(contact):
        return render_template(
            "resident/confirm_address.html", token=token, is_good=contact is not None
        ), 200 if contact else 410


@bp.post("/courriel/confirmer/<token>")
@open_to_all
def confirm_now(token: str) -> PageResponse:
    """Confirms the address, once."""
    try:
        with transaction():
            contact = operations.confirm(token, at=now())
            key = current_settings().newest_code_key
            session[CONFIRMED_CONTACT_KEY] = encrypt_number("contact", contact.id, key=key)
    except MoveRefused:
        return confirm_address(token)
    return redirect(url_for("resident.confirmed_address"), 303)


@bp.get("/courriel/confirme")
@open_to_all
def confirmed_address() -> PageResponse:
    """Thanks, and shows the observation's status only: whoever reads the e-mail may be somebody else."""
    contact = _confirmed_contact()
    if contact is None or not contact.is_confirmed:
        return redirect(url_for("resident.follow"), 303)
    with _in_language_of(contact):
        return render_template("resident/confirmed_address.html", status=stories.story_of(contact.observation).status)


@bp.get("/courriel/arreter/<token>")
@open_to_all
def stop_emails(token: str) -> str:
    """Shows the button that ends the e-mails; the page is the same for every token, valid or not."""
    with _in_language_of(queries.contact_by_stop_hash(encryption.token_hashes(token))):
        return render_template("resident/stop_emails.html", token=token, is_done=False)


@bp.post("/courriel/arreter/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]  # a mail program sends this without ever having seen a page (RFC 8058); the token is the permission, and all it can do is end
@open_to_all
def stop_emails_now(token: str) -> str:
    """Erases the address, however often this is sent. Answers without a redirect, which RFC 8058 forbids here."""
    contact = queries.contact_by_stop_hash(encryption.token_hashes(token))
    language = contact.language if contact else None
    with transaction():
        operations.stop(token, at=now())
    with _in_language(language):
        return render_template("resident/stop_emails.html", token=token, is_done=True)


def _confirmed_contact() -> Contact | None:
    """Returns the contact whose address this browser confirmed last, or None."""
    try:
        keys = current_settings().code_keys
        return queries.contact_by_id(decrypt_number("contact", str(session.get(CONFIRMED_CONTACT_KEY, "")), keys=keys))
    except NotFound:
        return None


def _request_confirmation(observation: Observation, form: AddressForm, endpoint: str) -> PageResponse | None:
    """Requests the e-mail that asks to confirm the address.

    Returns the redirect, or None when the form has an error to show.
    """
    if not encryption.is_configured():
        raise NotFound
    if not form.validate():
        return None
    try:
        address = form.email.data or ""
        held_back = not throttle.may_be_sent_to(address)
        with transaction():
            operations.request_confirmation(
                observation, address, language=current_language(), at=now(), held_back=held_back
            )
    except Invalid as error:
        form.refuse(error)
        return None
    flash(
        _(
            "Un courriel part vers cette adresse. Ouvrez son lien dans les 7 jours pour confirmer."
            " Une adresse en reçoit au plus six par jour."
        ),
        "done",
    )
    return redirect(url_for(endpoint, _anchor="courriel"), 303)


def _in_language_of(contact: Contact | None) -> AbstractContextManager[None]:
    return _in_language(contact.language if contact else None)


@contextmanager
def _in_language(code: str | None) -> Iterator[None]:
    """Renders in the e-mail's language what its links lead to, unless the reader has chosen a language."""
    if code is None or "language" in session:
        yield
        return
    with force_locale(LOCALES[code]):
        yield
