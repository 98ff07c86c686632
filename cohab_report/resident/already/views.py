"""One more page of the form, only where there is something to show: it may be answered either way, and it never blocks."""

from collections.abc import Sequence
from datetime import timedelta

from flask import flash, render_template, request
from flask_babel import gettext as _

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import today
from cohab_report.errors import Invalid, NotThere
from cohab_report.intake.nearby import queries as nearby
from cohab_report.intake.nearby.distance import Nearby
from cohab_report.intake.queries import PUBLIC_DAYS
from cohab_report.resident import journey
from cohab_report.resident.door import bp
from cohab_report.resident.journey import Answer, after_danger
from cohab_report.resident.sketch import OTHER, SECTOR, Sketch
from cohab_report.territory import queries as territory
from cohab_report.triage import queries as triage
from cohab_report.web.access import open_to_all


@bp.route("/signaler/deja", methods=["GET", "POST"])
@open_to_all
@after_danger
def already() -> Answer:
    """What others told of the same thing near there, and whether it is the same."""
    sketch = journey.sketch()
    if (elsewhere := journey.too_early(sketch, "already")) is not None:
        return elsewhere
    told, answer = told_near(sketch), request.form.get("joins", "")
    if not told:
        sketch.near = sketch.joins = ""
        flash(
            _("Ce qui avait été signalé tout près n’est plus ouvert. Continuez : la vôtre est suivie à part."), "info"
        )
        return journey.go_on(sketch)
    if answer == OTHER or answer in [each.seen.reference for each in told]:
        return journey.go_on(_answered(sketch, answer))
    is_wrong = request.method == "POST"
    shown = {
        "told": told,
        "sketch": sketch,
        "step": journey.progress(sketch, "already"),
        "is_wrong": is_wrong,
        "is_gone": bool(answer),
    }
    return render_template("resident/already.html", **shown), 422 if is_wrong else 200


def look_around(present: Sketch) -> None:
    """It is known whether somebody told of the same thing near there; whether it is the same is asked anew."""
    present.near, present.joins = "yes" if told_near(present) else "", ""


def told_near(present: Sketch) -> Sequence[Nearby]:
    """What everybody may read of the same category near the place, one observation a case; nothing near a sector's middle."""
    if not (present.category and present.has_place) or (present.place.startswith(SECTOR) and not present.lon):
        return []
    try:
        (point, _name), category = journey.where(present), catalogue.in_force(present.category)
    except (Invalid, NotThere):
        return []
    ground = territory.ground()
    found = nearby.open_near(category.id, point, ground.lattice, since=today(ground.zone) - timedelta(days=PUBLIC_DAYS))
    first = triage.one_a_case([each.seen.reference for each in found]) if found else []
    return [each for each in found if each.seen.reference in first]


def _answered(present: Sketch, answer: str) -> Sketch:
    present.joins = answer
    if present.says_the_same and not present.observed_on:
        present.observed_on = today(territory.ground().zone).isoformat()
    return present
