"""The panel on an action's page: what residents observed of it, as far as that is public.

The action's page lies upstream in plan, which knows nothing of figures.
"""

from flask import render_template
from markupsafe import Markup

from cohab_report.insight.models import Audience
from cohab_report.insight.pages import page_tables
from cohab_report.insight.pages.quarter_pages import local_today, tables_of
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.quarters import next_public_quarter
from cohab_report.plan.models import Action


def observations_panel(action: Action) -> Markup:
    """Returns the panel with the action's public figures of the latest quarter, or when they will be published."""
    publication = published.latest_publication(Audience.PUBLIC)
    tables = tables_of(publication) if publication else None
    return Markup(  # noqa: S704 -- a template of ours, which escapes what it shows
        render_template(
            "figures/_action_panel.html",
            page_tables=page_tables,
            public_on=next_public_quarter(local_today()).public_on,
            quarter=tables.quarter if tables else None,
            action_facts=page_tables.action_facts(tables.actions, action.code) if tables else None,
            made_at=publication.made_at if publication else None,
        )
    )
