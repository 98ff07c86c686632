"""The pages that every footer links to: privacy, decisions, accessibility, open data."""

from flask import render_template

from cohab_report.resident.blueprint import bp
from cohab_report.routing import queries as routing
from cohab_report.routing.suggesting import permanent_rule_fault
from cohab_report.territory import queries as territory
from cohab_report.web.access import open_to_all


@bp.get("/confidentialite")
@open_to_all
def privacy() -> str:
    """Shows what is stored, why, for how long, who sees it, and what one may ask for."""
    return render_template("resident/privacy.html")


@bp.get("/decisions")
@open_to_all
def decisions() -> str:
    """Shows who decides, the routing rules in force, what the program never does, and how to contest a decision.

    Source: Act respecting access, A-2.1, s. 65.2.
    """
    rules = [rule for rule in routing.rules_in_force() if permanent_rule_fault(rule) is None]
    return render_template("resident/decisions.html", rules=rules, about=territory.city_facts().about)


@bp.get("/accessibilite")
@open_to_all
def accessibility() -> str:
    """Shows the accessibility standard aimed at, what was tested, what falls short, and whom to tell."""
    return render_template("resident/accessibility.html")


@bp.get("/donnees")
@open_to_all
def open_data() -> str:
    """Shows what is published, how small counts are suppressed, what each column means, and what does not exist yet."""
    return render_template("resident/open_data.html")
