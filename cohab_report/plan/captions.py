"""The words for each code of the plan: how an action stands, and how surely it belongs to the plan."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from cohab_report.plan.models import ActionStatus, InPlan

ACTION_STATUS_CAPTIONS: Mapping[ActionStatus, Any] = {
    ActionStatus.NOT_PUBLISHED: _("État non publié"),
    ActionStatus.UPCOMING: _("À venir"),
    ActionStatus.UNDER_WAY: _("En cours"),
    ActionStatus.DONE: _("Réalisée"),
    ActionStatus.POSTPONED: _("Reportée"),
    ActionStatus.ABANDONED: _("Abandonnée"),
}
IN_PLAN_CAPTIONS: Mapping[InPlan, Any] = {
    InPlan.STATED: _("Une source dit que cette action fait partie du plan."),
    InPlan.CITY_PAGE: _("La page de la Ville sur la cohabitation la décrit."),
    InPlan.INFERRED: _("Aucune source vue ne montre que cette action fait partie du plan : elle est déduite."),
}
