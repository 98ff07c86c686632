"""The words for each code of a figure: rows, columns, titles of tables.

Only words; `page_tables` puts them together.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from cohab_report.insight.publishing.quarter_tables import IN_PLAN, OUT_OF_PLAN
from cohab_report.triage import captions as triage

HIDDEN_CAPTION = _("masqué")
PLAN_MEMBERSHIP_CAPTIONS: Mapping[str, Any] = {
    IN_PLAN: _("Reliées au plan, ou pas encore décidées"),
    OUT_OF_PLAN: _("Hors plan"),
}
QUARTER_CAPTIONS = (
    _("janvier à mars %(year)s"),
    _("avril à juin %(year)s"),
    _("juillet à septembre %(year)s"),
    _("octobre à décembre %(year)s"),
)
TABLE_TITLES: Mapping[str, Any] = {
    "mois": _("Observations reçues par mois"),
    "secteurs": _("Observations reçues par secteur"),
    "categories": _("Observations reçues par catégorie"),
    "suites": _("Ce que les observations sont devenues"),
    "plan": _("Observations dans le plan et hors plan"),
    "inquietudes": _("Inquiétudes pour une personne, comptées à part"),
    "actions": _("Observations reliées à chaque action"),
    "champs": _("Observations reliées à chaque champ"),
}
OUTCOME_CAPTIONS: Mapping[str, Any] = {"open": _("Encore ouvertes")} | {
    reason.value: text for reason, text in triage.CLOSING_REASON_CAPTIONS.items()
}
