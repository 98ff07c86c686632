"""The step `duplicates`, which the form has only where there are nearby observations to show.

Any answer goes on to the next page.
"""

from collections.abc import Sequence
from datetime import timedelta

from flask import flash, render_template, request
from flask_babel import gettext as _

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import today
from cohab_report.errors import Invalid, NotFound
from cohab_report.intake.nearby import queries as nearby
from cohab_report.intake.nearby.distance import Nearby
from cohab_report.intake.queries import PUBLIC_DAYS
from cohab_report.resident import steps
from cohab_report.resident.blueprint import bp
from cohab_report.resident.draft import NO_DUPLICATE, SECTOR_PREFIX, Draft
from cohab_report.resident.steps import PageResponse, danger_screen_required
from cohab_report.territory import queries as territory
from cohab_report.triage import queries as triage
from cohab_report.web.access import open_to_all


@bp.route("/signaler/deja", methods=["GET", "POST"])
@open_to_all
@danger_screen_required
def duplicates() -> PageResponse:
    """Shows the public observations near the place, and asks whether the draft is a duplicate of one of them."""
    draft = steps.session_draft()
    if (redirection := steps.redirect_if_too_early(draft, "duplicates")) is not None:
        return redirection
    candidates, answer = nearby_duplicates(draft), request.form.get("joins", "")
    if not candidates:
        draft.near = draft.joins = ""
        flash(
            _("Ce qui avait été signalé tout près n’est plus ouvert. Continuez : la vôtre est suivie à part."), "info"
        )
        return steps.save_and_go_on(draft)
    if answer == NO_DUPLICATE or answer in [each.observation.reference for each in candidates]:
        return steps.save_and_go_on(_with_answer(draft, answer))
    is_wrong = request.method == "POST"
    page = render_template(
        "resident/duplicates.html",
        candidates=candidates,
        draft=draft,
        step=steps.progress(draft, "duplicates"),
        is_wrong=is_wrong,
        is_gone=bool(answer),
    )
    return page, 422 if is_wrong else 200


def note_nearby_duplicates(draft: Draft) -> None:
    """Notes in the draft whether possible duplicates are near its place; whether it is one of them is asked anew."""
    draft.near, draft.joins = "yes" if nearby_duplicates(draft) else "", ""


def nearby_duplicates(draft: Draft) -> Sequence[Nearby]:
    """Returns public observations of the draft's category near its place, one a case.

    None where only the sector is known.
    """
    if not (draft.category and draft.has_place) or (draft.place.startswith(SECTOR_PREFIX) and not draft.lon):
        return []
    try:
        (point, _name), category = steps.point_and_name(draft), catalogue.category_facts(draft.category)
    except (Invalid, NotFound):
        return []
    city = territory.city_facts()
    since = today(city.zone) - timedelta(days=PUBLIC_DAYS)
    candidates = nearby.open_observations_near(category.id, point, city.lattice, since=since)
    if not candidates:
        return []
    references = triage.first_reference_of_each_case([each.observation.reference for each in candidates])
    return [each for each in candidates if each.observation.reference in references]


def _with_answer(draft: Draft, answer: str) -> Draft:
    draft.joins = answer
    if draft.is_duplicate and not draft.observed_on:
        draft.observed_on = today(territory.city_facts().zone).isoformat()
    return draft
