"""The e-mails to partners. What is never public is never in an e-mail: not in its subject, its body or its headers."""

from datetime import datetime

from flask import render_template, url_for
from flask_babel import force_locale, gettext

from cohab_report.catalogue.models import Protection
from cohab_report.notify.channels import OutgoingMessage
from cohab_report.routing.models import Handover
from cohab_report.territory import queries as territory

PARTNERS_LANGUAGE = "fr_CA"


def handover_offered_message(handover: Handover, *, number: int, at: datetime) -> OutgoingMessage:
    """Returns the e-mail to a partner that a case waits for its answer, with the deadline and link.

    Of a never-public case it says nothing else.
    """
    case = handover.case
    is_restricted = case.protection is Protection.NEVER_PUBLIC
    facts = {
        "city": territory.city_facts().name,
        "partner": handover.partner.name,
        "due_at": handover.due_at,
        "address": url_for("partner.handover", number=handover.id, _external=True),
        "case": None
        if is_restricted
        else {"reference": case.reference, "category": case.category.name, "sector": case.sector.name},
    }
    with force_locale(PARTNERS_LANGUAGE):
        return OutgoingMessage(
            number,
            _offer_subject(handover, is_restricted=is_restricted),
            render_template("email/handover_offered.txt", **facts),
            render_template("email/handover_offered.html", **facts),
            ("case", case.id),
            at,
        )


def handover_stopped_message(handover: Handover, *, number: int, at: datetime) -> OutgoingMessage:
    """Returns the e-mail to a partner to stop works on a case.

    It doesn't say where, since the case is never public any more.
    """
    facts = {
        "city": territory.city_facts().name,
        "partner": handover.partner.name,
        "address": url_for("partner.handover", number=handover.id, _external=True),
    }
    with force_locale(PARTNERS_LANGUAGE):
        return OutgoingMessage(
            number,
            str(gettext("Arrêtez les travaux : un dossier est repris")),
            render_template("email/handover_stopped.txt", **facts),
            render_template("email/handover_stopped.html", **facts),
            ("case", handover.case.id),
            at,
        )


def _offer_subject(handover: Handover, *, is_restricted: bool) -> str:
    if is_restricted:
        return str(gettext("Un dossier à accès restreint attend votre réponse"))
    case = handover.case
    return str(
        gettext(
            "Dossier %(reference)s à accepter : %(category)s", reference=case.reference, category=case.category.name.fr
        )
    )
