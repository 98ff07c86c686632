"""The pages that explain, linked from every footer: what is kept, how it is decided, who can use it, what is published."""

from flask import render_template

from cohab_report.resident.door import bp
from cohab_report.routing import queries as routing
from cohab_report.routing.rules import never_speaks
from cohab_report.territory import queries as territory
from cohab_report.web.access import open_to_all


@bp.get("/confidentialite")
@open_to_all
def privacy() -> str:
    """What is kept, why, for how long, who sees it, and what one may ask."""
    return render_template("resident/privacy.html")


@bp.get("/decisions")
@open_to_all
def decisions() -> str:
    """Who decides, what the program suggests and by which rules, what it never does, and how a decision is contested (A-2.1, s. 65.2)."""
    rules = [rule for rule in routing.rules() if never_speaks(rule) is None]
    return render_template("resident/decisions.html", rules=rules, about=territory.ground().about)


@bp.get("/accessibilite")
@open_to_all
def accessibility() -> str:
    """Which standard is aimed at, what was tried, what falls short, and whom to tell."""
    return render_template("resident/accessibility.html")


@bp.get("/donnees")
@open_to_all
def open_data() -> str:
    """What is published, how small counts are hidden, what each column means, and what does not exist yet."""
    return render_template("resident/open_data.html")
