"""The pages on which staff enter an observation for a caller.

They ask for neither name nor number; the follow-up code is shown once.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category
from cohab_report.clock import now, today
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotFound
from cohab_report.intake import operations, receiving
from cohab_report.intake.author_sessions import operations as author_sessions
from cohab_report.intake.author_sessions import queries as sessions
from cohab_report.intake.author_sessions.models import AuthorPage
from cohab_report.intake.wording import FindingKind, screen
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.resident import steps
from cohab_report.resident.asking.where import address_typed, names_a_dwelling, places_to_choose
from cohab_report.resident.counter.forms import CallerForm, caller_form
from cohab_report.resident.steps import PageResponse
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.territory.names import LONGEST_PLACE_QUERY
from cohab_report.web.access import needs
from cohab_report.web.typed_text import gives_back

bp = Blueprint("counter", __name__, url_prefix="/tri/saisir")
ENTERED_KEY = "entered"
"""The session's key of the token that opens the code of what this person last entered, to be read to the caller."""


@bp.route("", methods=["GET", "POST"])
@needs(Role.TRIAGER)
@gives_back(CallerForm, q=_("Recherche"))
def enter_observation() -> PageResponse:
    """Asks for the category, then all its questions on one page.

    Receives the observation as the caller's, with who entered it.
    """
    chosen = _chosen_category(request.args.get("categorie", ""))
    if chosen is None:
        return render_template("counter/enter_observation.html", category=None, categories=_open_categories())
    form, is_urgent = _new_caller_form(chosen), False
    if "search" in request.form:
        form.landmark.data = form.landmark.data or address_typed(_typed_search())
        return _caller_page(form, chosen, is_urgent=False)
    if form.is_submitted() and form.validate():
        try:
            return _receive(form, chosen)
        except Invalid as error:
            is_urgent = error.reason == "emergency"
            form.add_error(error)
    return _caller_page(form, chosen, is_urgent=is_urgent), 422 if form.is_submitted() else 200


@bp.get("/recu")
@needs(Role.TRIAGER)
def caller_receipt() -> PageResponse:
    """Shows the follow-up code of the observation that this person just entered, to be read to the caller, and its
    case.
    """
    token = str(session.get(ENTERED_KEY, ""))
    found = sessions.author_session(token, AuthorPage.RECEIPT, at=now()) if token else None
    if found is None:
        return redirect(url_for("counter.enter_observation"), 303)
    observation, code = found.observation, author_sessions.content_of(found, token)["code"]
    return render_template("counter/caller_receipt.html", observation=observation, code=code, groups=code.split("-"))


def _receive(form: CallerForm, category: Category) -> PageResponse:
    with transaction():
        submission = form.to_submission(category, territory.city_facts())
        # No network: what staff enter for others is never counted as a flood from the city's own line.
        observation = receiving.receive(submission, at=now(), by=current_person())
        author_sessions.end_session(str(session.get(ENTERED_KEY, "")))
        content = {"code": operations.code_of(observation, submission.client_id)}
        token = author_sessions.begin_session(observation, AuthorPage.RECEIPT, content=content, at=now())
    session[ENTERED_KEY] = token
    return redirect(url_for("counter.caller_receipt"), 303)


def _new_caller_form(category: Category) -> CallerForm:
    city, typed = territory.city_facts(), _typed_search()
    questions, day = catalogue.questions_of(category), today(city.zone)
    data = {"landmark": address_typed(typed)}
    form = caller_form(category, questions, day, data=data, languages=current_settings().languages)
    form.offer(places_to_choose(city, form.place.data or "", typed), city.sectors)
    return form


def _caller_page(form: CallerForm, category: Category, **more: Any) -> str:
    city, typed = territory.city_facts(), _typed_search()
    spots = places_to_choose(city, form.place.data or "", typed)
    texts = (form.text.data or "", form.landmark.data or "")
    wording_kinds = {finding.kind for text in texts for finding in screen(text)}
    return render_template(
        "counter/enter_observation.html",
        form=form,
        category=category,
        categories=_open_categories(),
        typed=typed,
        total=len(city.places),
        spots={spot.value: spot for spot in spots},
        day=today(city.zone),
        finding_kinds=list(FindingKind),
        wording_kinds=sorted(wording_kinds),
        posts=catalogue.signposts(category.signpost_codes),
        numbers=steps.emergency_numbers_by_code(),
        settings=current_settings(),
        is_dwelling=names_a_dwelling(typed),
        **more,
    )


def _typed_search() -> str:
    return request.values.get("q", "")[:LONGEST_PLACE_QUERY]


def _open_categories() -> list[Category]:
    return [category for category in catalogue.categories() if category.opens_the_form]


def _chosen_category(code: str) -> Category | None:
    """Returns the category that the address names.

    None for none, for one out of use, and for one that only gives advice.
    """
    try:
        category = catalogue.category_or_refuse(code)
    except NotFound:
        return None
    return category if category.opens_the_form else None
