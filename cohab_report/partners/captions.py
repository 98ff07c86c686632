"""The words for what a partner is there for. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.partners.models import Purpose

PURPOSE_CAPTIONS: Mapping[Purpose, LazyString] = {
    Purpose.MAINTENANCE: _("Entretien"),
    Purpose.WELLBEING: _("Mieux-être"),
    Purpose.MEDIATION: _("Médiation"),
    Purpose.SAFETY: _("Sécurité"),
    Purpose.THANKS: _("Remerciements"),
}
