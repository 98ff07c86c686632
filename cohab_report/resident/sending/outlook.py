"""What a resident is told before and after sending: who will see what, and when somebody will read it. Facts only; pages find the words."""

from dataclasses import dataclass
from datetime import datetime

from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Category, Priority, Protection
from cohab_report.db import Words
from cohab_report.geo import Point
from cohab_report.intake import rules
from cohab_report.intake.models import Belongings
from cohab_report.partners.models import HiddenPoint, Partner
from cohab_report.territory.queries import Ground


@dataclass(frozen=True)
class Outlook:
    """Who sees what of an observation, and when it is read at the latest."""

    protection: Protection
    outreach_first: bool
    """Whether somebody from outreach looks before anybody may clear the place."""
    lead: Partner | None
    lead_sees: HiddenPoint
    team: Words
    is_staffed: bool
    """Whether the triage team is there at this moment."""
    read_from: datetime | None
    """When the triage team is there next; now when it is."""
    due_at: datetime | None
    """By when the team means to have taken it up; None where nothing is promised."""


def outlook(
    category: Category, belongings: Belongings, point: Point, priority: Priority, ground: Ground, *, at: datetime
) -> Outlook:
    """What can be promised of an observation of this category at this point, sent now."""
    protection = rules.protection_of(category, belongings, near_protected=ground.is_near_protected(point))
    team = ground.about.get("team", {})
    open_hours = deadlines.team_hours()
    return Outlook(
        protection=protection,
        outreach_first=belongings in (Belongings.YES, Belongings.UNKNOWN),
        lead=category.lead,
        lead_sees=_lead_sees(category, protection),
        team=Words(str(team.get("name_fr", "")), str(team.get("name_en", ""))),
        is_staffed=open_hours.is_open(at),
        read_from=open_hours.next_opening(at),
        due_at=deadlines.due_at(priority, at),
    )


def _lead_sees(category: Category, protection: Protection) -> HiddenPoint:
    if (
        category.lead is None
        or protection is not Protection.NEVER_PUBLIC
        or category.code in category.lead.exact_categories
    ):
        return HiddenPoint.EXACT
    return category.lead.hidden_point
