"""What admins look at: messages that are stuck, the queue, the rules, and the local mailbox. It shows no case and no observation."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import NotThere
from cohab_report.notify import operations, queries
from cohab_report.notify.channels import mailbox
from cohab_report.notify.models import DeliveryState
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as in_force
from cohab_report.territory import queries as territory
from cohab_report.web.access import needs
from cohab_report.web.configuration import settings

bp = Blueprint("admin", __name__)
STATES: Mapping[DeliveryState, LazyString] = {
    DeliveryState.WAITING: _("En attente"),
    DeliveryState.SENT: _("Parti"),
    DeliveryState.GIVEN_UP: _("Abandonné"),
    DeliveryState.TOGETHER: _("Dit avec un autre"),
}
PROBLEMS: Mapping[str, LazyString] = {
    "": _("Pas encore essayé"),
    "answered": _("Le partenaire a déjà répondu, ou l’offre est retirée : rien à envoyer"),
    "no_address": _("Il n’y a pas ou plus d’adresse"),
    "bad_address": _("L’adresse n’en est pas une"),
    "no_server": _("Sans serveur de courriel ou sans clé, rien n’est écrit aux personnes"),
    "unreadable_address": _("L’adresse ne peut plus être lue : sa clé manque"),
    "superseded": _("Autre chose s’est passé depuis : rien à envoyer"),
    "unconfirmed": _("L’adresse n’est pas confirmée"),
    "ConnectionRefusedError": _("Le serveur de courriel ne répond pas"),
    "TimeoutError": _("Le serveur de courriel ne répond pas à temps"),
    "gaierror": _("Le serveur de courriel est introuvable"),
    "SMTPServerDisconnected": _("Le serveur de courriel a raccroché"),
    "SMTPAuthenticationError": _("Le serveur de courriel refuse le mot de passe"),
}
BROKEN: Mapping[str, LazyString] = {
    "retired": _("Son partenaire n’est plus en service."),
    "transfer_only": _("Son partenaire ne reçoit que par transmission humaine motivée."),
    "works_locked": _("Elle enverrait des travaux là où ils sont bloqués."),
}


@bp.get("/admin")
@needs(Role.ADMIN)
def home() -> str:
    """How the machinery is: queue, messages, rules, profile."""
    has_mailbox = not settings().smtp_url
    return render_template(
        "admin/home.html", queue=queries.queue_state(), events=queries.events_waiting(), sent=queries.sent(), stuck=queries.stuck(),
        states=STATES, problems=PROBLEMS, broken=BROKEN, rules=routing.dry_run(),
        reasons={rule.code: rule.because for rule in in_force.rules()},
        loaded_at=territory.ground().stamp[0], has_mailbox=has_mailbox,
        mails=mailbox.messages(settings().mailbox_dir) if has_mailbox else [],
        unreachable=[partner for partner in partners.receiving_partners() if not partner.email],
    )  # fmt: skip


@bp.post("/admin/envois/<int(max=9007199254740991):number>/reessayer")
@needs(Role.ADMIN)
@transaction()
def retry(number: int) -> Response:
    """The message is due at once."""
    operations.retry(queries.delivery_or_refuse(number), by=current_person(), at=now())
    flash(str(_("Le message repartira dans la minute.")), "done")
    return redirect(url_for("admin.home"), 303)


@bp.get("/admin/courriels/<name>")
@needs(Role.ADMIN)
def mail(name: str) -> str:
    """One message of the local mailbox, as plain text; only while there is no mail server."""
    if settings().smtp_url:
        raise NotThere
    return render_template("admin/mail.html", mail=mailbox.message(settings().mailbox_dir, name))
