"""What each event says to whom, in words. What is never public is never in a letter: not in its subject, its body or its headers."""

from datetime import datetime

from flask import render_template, url_for
from flask_babel import force_locale, gettext

from cohab_report.catalogue.models import Protection
from cohab_report.notify.channels import Letter
from cohab_report.routing.models import Handover
from cohab_report.territory import queries as territory

PARTNERS_LANGUAGE = "fr_CA"


def handover_offered(handover: Handover, *, number: int, at: datetime) -> Letter:
    """A partner reads that a case waits for its answer, until when, and where: of a never-public case no more than that."""
    case = handover.case
    is_restricted = case.protection is Protection.NEVER_PUBLIC
    facts = {
        "city": territory.ground().name, "partner": handover.partner.name, "due_at": handover.due_at,
        "address": url_for("partner.handover", number=handover.id, _external=True),
        "case": None if is_restricted else {"reference": case.reference, "category": case.category.name, "sector": case.sector.name},
    }  # fmt: skip
    with force_locale(PARTNERS_LANGUAGE):
        return Letter(
            number, _subject(handover, is_restricted=is_restricted), render_template("email/handover_offered.txt", **facts),
            render_template("email/handover_offered.html", **facts), f"case-{case.id}", at,
        )  # fmt: skip


def handover_stopped(handover: Handover, *, number: int, at: datetime) -> Letter:
    """A partner that does works reads that it must not go there, or must leave; nothing says where, since it is never public any more."""
    facts = {
        "city": territory.ground().name, "partner": handover.partner.name,
        "address": url_for("partner.handover", number=handover.id, _external=True),
    }  # fmt: skip
    with force_locale(PARTNERS_LANGUAGE):
        return Letter(
            number, str(gettext("Arrêtez les travaux : un dossier est repris")), render_template("email/handover_stopped.txt", **facts),
            render_template("email/handover_stopped.html", **facts), f"case-{handover.case.id}", at,
        )  # fmt: skip


def _subject(handover: Handover, *, is_restricted: bool) -> str:
    if is_restricted:
        return str(gettext("Un dossier à accès restreint attend votre réponse"))
    case = handover.case
    return str(
        gettext(
            "Dossier %(reference)s à accepter : %(category)s", reference=case.reference, category=case.category.name.fr
        )
    )
