"""The plan's pages, for everybody: its fields and actions, and one action with its sources."""

from flask import Blueprint, render_template

from cohab_report.clock import today
from cohab_report.plan import action_page, captions, queries
from cohab_report.territory import queries as territory
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import cacheable

bp = Blueprint("plan", __name__)


@bp.get("/plan")
@cacheable
@open_to_all
def index() -> str:
    """Shows the plan's fields and actions, each with its status and where it comes from."""
    return render_template("plan/index.html", fields=queries.plan_fields(), captions=captions)


@bp.get("/plan/<code>")
@cacheable
@open_to_all
def action(code: str) -> str:
    """Shows one action: what the sources say of it, and the panels of packages downstream."""
    plan_action = queries.plan_action_or_refuse(code)
    return render_template(
        "plan/action.html",
        action=plan_action,
        captions=captions,
        today=today(territory.city_facts().zone),
        panels=action_page.action_panels(plan_action),
    )
