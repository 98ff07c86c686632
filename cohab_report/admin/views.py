"""The admins' pages: unsent messages, events that fail, the job queues, the routing rules, and the local mailbox.

They show no case and no observation.
"""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from cohab_report import jobs, journal
from cohab_report.backup.queries import backup_state
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import NotFound
from cohab_report.notify import operations, queries
from cohab_report.notify.channels import mailbox
from cohab_report.notify.models import DeliveryState
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as in_force
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.web.access import needs

bp = Blueprint("admin", __name__)
DELIVERY_STATE_CAPTIONS: Mapping[DeliveryState, LazyString] = {
    DeliveryState.WAITING: _("En attente"),
    DeliveryState.SENT: _("Parti"),
    DeliveryState.GIVEN_UP: _("Abandonné"),
    DeliveryState.TOGETHER: _("Dit avec un autre"),
}
DELIVERY_PROBLEM_CAPTIONS: Mapping[str, LazyString] = {
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
BROKEN_RULE_CAPTIONS: Mapping[str, LazyString] = {
    "retired": _("Son partenaire n’est plus en service."),
    "transfer_only": _("Son partenaire ne reçoit que par transmission humaine motivée."),
    "works_locked": _("Elle enverrait des travaux là où ils sont bloqués."),
}


@bp.get("/admin")
@needs(Role.ADMIN)
def installation() -> str:
    """Shows the state of the installation: queue, messages, rules, profile."""
    has_mailbox = not current_settings().smtp_url
    return render_template(
        "admin/installation.html",
        queue=queries.queue_state(),
        events=queries.unannounced_event_count(),
        set_aside=journal.set_aside_events(),
        set_aside_count=journal.set_aside_count(),
        retried=journal.retried_events(),
        max_attempts=journal.MAX_ATTEMPTS,
        sent=queries.sent_count(),
        unsent=queries.unsent_deliveries(),
        states=DELIVERY_STATE_CAPTIONS,
        problems=DELIVERY_PROBLEM_CAPTIONS,
        broken=BROKEN_RULE_CAPTIONS,
        rules=routing.dry_run(),
        reasons={rule.code: rule.because for rule in in_force.rules_in_force()},
        loaded_at=territory.city_facts().loaded_at,
        backup=backup_state(at=now()),
        has_mailbox=has_mailbox,
        mails=mailbox.stored_messages(current_settings().mailbox_dir) if has_mailbox else [],
        unreachable=[partner for partner in partners.receiving_partners() if not partner.email],
    )


@bp.post('/admin/envois/<row("delivery"):number>/reessayer')
@needs(Role.ADMIN)
@transaction()
def retry(number: int) -> Response:
    """Makes the message due at once."""
    operations.retry(queries.delivery_or_refuse(number), by=current_person(), at=now())
    flash(str(_("Le message repartira dans la minute.")), "done")
    return redirect(url_for("admin.installation"), 303)


@bp.post("/admin/evenements/reprendre")
@bp.post('/admin/evenements/<row("event"):number>/reprendre')
@needs(Role.ADMIN)
@transaction()
def retry_events(number: int | None = None) -> Response:
    """Puts one event that was set aside back, or all of them."""
    event_ids = None if number is None else [number]
    count = len(jobs.put_events_back(event_ids, by=current_person(), at=now()))
    message = ngettext(
        "%(num)s évènement sera repris dans la minute.", "%(num)s évènements seront repris dans la minute.", count
    )
    flash(message, "done")
    return redirect(url_for("admin.installation"), 303)


@bp.get("/admin/courriels/<name>")
@needs(Role.ADMIN)
def mail(name: str) -> str:
    """Shows one message of the local mailbox as plain text; 404 once there is a mail server."""
    if current_settings().smtp_url:
        raise NotFound
    return render_template("admin/mail.html", mail=mailbox.stored_message(current_settings().mailbox_dir, name))
