"""The words for the kind of an observation and for how much it is protected. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.catalogue.models import Kind, Protection

KIND_CAPTIONS: Mapping[Kind, LazyString] = {
    Kind.CLEANLINESS: _("Propreté"),
    Kind.SAFETY: _("Sécurité du lieu"),
    Kind.POSITIVE: _("Activité positive"),
    Kind.CONCERN: _("Inquiétude pour quelqu’un"),
}
PROTECTION_CAPTIONS: Mapping[Protection, LazyString] = {
    Protection.PUBLIC_EXACT: _("Lieu public, avec la date ; un point est arrondi à environ 25 m"),
    Protection.PUBLIC_CELL: _("Public par zone d’environ 150 m, avec la date"),
    Protection.NEVER_PUBLIC: _("Jamais public"),
}
