"""The expectations of a resident before and after sending: who will see what, and when it will be read.

Facts only, no sentences.
"""

from dataclasses import dataclass
from datetime import datetime

from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Category, Priority, Protection
from cohab_report.db import Words
from cohab_report.intake import rules
from cohab_report.intake.models import Belongings
from cohab_report.partners.models import HiddenPoint, Partner
from cohab_report.territory.queries import CityFacts


@dataclass(frozen=True)
class Expectations:
    """Who sees what of an observation, and when it is read at the latest; times in UTC."""

    protection: Protection
    """What category and answers alone ask for: near a protected site, the observation is protected more."""
    outreach_first: bool
    """Whether somebody from outreach looks before anybody may clear the place."""
    lead: Partner | None
    lead_sees: HiddenPoint
    team: Words
    is_staffed: bool
    """Whether the triage team is there at this moment."""
    read_from: datetime | None
    """When the triage team is there next; the present when it is there now."""
    due_at: datetime | None
    """The deadline of the case; None where the city promises nothing."""


def expectations_for(
    category: Category, belongings: Belongings, priority: Priority, city: CityFacts, *, at: datetime
) -> Expectations:
    """Returns the expectations for an observation of this category that is sent at this time, wherever it is.

    Were they others near a protected site, whoever moves a point would find the site.
    """
    protection = rules.protection_of(category, belongings, near_protected=False)
    team = city.about.get("team", {})
    open_hours = deadlines.team_hours()
    return Expectations(
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
