"""Where staff write down an observation for a caller. It asks for neither name nor number, and the caller's code is shown once."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category
from cohab_report.clock import now, today
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotThere
from cohab_report.intake import operations, queries
from cohab_report.intake.wording import FindingKind, screen
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.resident import journey
from cohab_report.resident.asking.where import hint_in, names_a_dwelling, offered
from cohab_report.resident.counter.forms import CallerForm, caller_form
from cohab_report.resident.journey import Answer
from cohab_report.resident.sketch import Sketch
from cohab_report.territory import queries as territory
from cohab_report.territory.names import LONGEST
from cohab_report.web.access import needs
from cohab_report.web.configuration import settings

bp = Blueprint("counter", __name__, url_prefix="/tri/saisir")
ENTERED = "entered"
"""In the session: the client id of what this person last wrote down, so that its code can be read to the caller."""


@bp.route("", methods=["GET", "POST"])
@needs(Role.TRIAGER)
def enter() -> Answer:
    """The category first, then all its questions on one page; sent, it is received as the caller's, with who wrote it down."""
    chosen = _category(request.args.get("categorie", ""))
    if chosen is None:
        return render_template("counter/enter.html", category=None, categories=_categories())
    form, is_urgent = _form(chosen), False
    if "search" in request.form:
        form.landmark.data = form.landmark.data or hint_in(_typed())
        return _drawn(form, chosen, is_urgent=False)
    if form.is_submitted() and form.validate():
        try:
            return _receive(form, chosen)
        except Invalid as error:
            is_urgent = error.reason == "emergency"
            form.refuse_because(error)
    return _drawn(form, chosen, is_urgent=is_urgent), 422 if form.is_submitted() else 200


@bp.get("/recu")
@needs(Role.TRIAGER)
def receipt() -> Answer:
    """The follow-up code of what this person just wrote down, to be read to the caller, and the case that it opened."""
    entered = session.get(ENTERED)
    observation = queries.by_client_id(Sketch.kept({"client_id": entered}).uuid()) if entered else None
    if observation is None:
        return redirect(url_for("counter.enter"), 303)
    code = operations.code_of(observation)
    return render_template("counter/receipt.html", observation=observation, code=code, groups=code.split("-"))


def _receive(form: CallerForm, category: Category) -> Answer:
    with transaction():
        draft = form.to_draft(category, territory.ground())
        # No network: what staff write down for others is never counted as a flood from the city's own line.
        operations.receive(draft, at=now(), by=current_person())
    session[ENTERED] = str(draft.client_id)
    return redirect(url_for("counter.receipt"), 303)


def _form(category: Category) -> CallerForm:
    known, typed = territory.ground(), _typed()
    asked, day = catalogue.questions_of(category), today(known.zone)
    form = caller_form(category, asked, day, known={"landmark": hint_in(typed)}, languages=settings().languages)
    form.offer(offered(known, form.place.data or "", typed), known.sectors)
    return form


def _drawn(form: CallerForm, category: Category, **more: Any) -> str:
    known, typed = territory.ground(), _typed()
    spots = offered(known, form.place.data or "", typed)
    found = {finding.kind for words in (form.text.data or "", form.landmark.data or "") for finding in screen(words)}
    return render_template(
        "counter/enter.html", form=form, category=category, categories=_categories(), typed=typed, total=len(known.places),
        spots={spot.value: spot for spot in spots}, day=today(known.zone), finding_kinds=list(FindingKind), found=sorted(found),
        posts=catalogue.signposts(category.signpost_codes), numbers=journey.numbers(), settings=settings(),
        is_dwelling=names_a_dwelling(typed), **more,
    )  # fmt: skip


def _typed() -> str:
    return request.values.get("q", "")[:LONGEST]


def _categories() -> list[Category]:
    return [category for category in catalogue.categories() if category.opens_the_form]


def _category(code: str) -> Category | None:
    """The category that the address names; None for none, for one that is no more, and for one that only gives advice."""
    try:
        category = catalogue.category_or_refuse(code)
    except NotThere:
        return None
    return category if category.opens_the_form else None
