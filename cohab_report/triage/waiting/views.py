"""What waits: the desk's landing page, one queue narrowed by its address, and the filters that people keep of it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid
from cohab_report.partners.models import Role
from cohab_report.partners.views import current_person
from cohab_report.triage import captions
from cohab_report.triage.door import bp
from cohab_report.triage.inquiries.queries import standing_in
from cohab_report.triage.models import Queue
from cohab_report.triage.queries import queue_or_refuse
from cohab_report.triage.waiting import filters, queries
from cohab_report.triage.waiting.forms import KeepForm
from cohab_report.web.access import needs
from cohab_report.web.paging import page_number

Answer = Response | str | tuple[str, int]
FILTER = "/filtres/<int(max=9007199254740991):number>"


@bp.get("")
@needs(Role.TRIAGER)
def home() -> str:
    """The queues with what waits in each, the filters that were kept, and the cases that the reader has claimed."""
    reader, at = current_person(), now()
    kept, mine = filters.kept_for(reader), queries.held_by(reader)
    return render_template(
        "triage/home.html",
        counts=queries.counts(at=at),
        mine=mine,
        notes=standing_in(mine),
        kept=kept,
        captions=captions,
        at=at,
    )


@bp.route("/files/<code>", methods=["GET", "POST"])
@needs(Role.TRIAGER)
def queue(code: str) -> Answer:
    """One page of the cases that wait in a queue and fit the filters of the address, the most pressing first.

    Sent with a name (POST), these filters are kept under it.
    """
    found, form = queue_or_refuse(code), KeepForm(prefix="filter")
    if request.method == "GET":
        return _drawn(found, form)
    if form.validate() and _keep(found, form):
        asked: dict[str, Any] = filters.meant(request.args)
        return redirect(url_for("triage.queue", code=code, **asked), 303)
    return _drawn(found, form), 422


@bp.post(f"{FILTER}/partager")
@needs(Role.TRIAGER)
@transaction()
def share_filter(number: int) -> Response:
    """The team reads one of the reader's filters."""
    name = filters.share(number, by=current_person())
    return _back_home(_("L’équipe voit maintenant le filtre « %(name)s ».", name=name))


@bp.post(f"{FILTER}/garder-pour-soi")
@needs(Role.TRIAGER)
@transaction()
def unshare_filter(number: int) -> Response:
    """Nobody else reads one of the reader's filters any more."""
    name = filters.unshare(number, by=current_person())
    return _back_home(_("Le filtre « %(name)s » n’est plus partagé : vous le gardez pour vous.", name=name))


@bp.post(f"{FILTER}/supprimer")
@needs(Role.TRIAGER)
@transaction()
def delete_filter(number: int) -> Response:
    """One of the reader's filters is no more."""
    name = filters.delete_filter(number, by=current_person())
    return _back_home(_("Le filtre « %(name)s » est supprimé.", name=name))


def _drawn(found: Queue, form: KeepForm) -> str:
    reader, at, number = current_person(), now(), page_number(request.args.get("page"))
    asked = filters.meant(request.args)
    cases, has_more = queries.waiting_in(found, filters.wanted(asked, reader=reader), at=at, page=number)
    same = (
        [each for each in filters.kept_for(reader) if each.queue.id == found.id and each.asked == asked]
        if asked
        else []
    )
    return render_template(
        "triage/queue.html",
        queue=found,
        cases=cases,
        notes=standing_in(cases),
        page=number,
        has_more=has_more,
        counts=queries.counts(at=at),
        categories=[category for category in catalogue.categories() if category.opens_the_form],
        asked=asked,
        kept=next(iter(same), None),
        form=form,
        captions=captions,
        at=at,
    )


def _keep(found: Queue, form: KeepForm) -> bool:
    shared = bool(form.shared.data)
    try:
        with transaction():
            saved = filters.save_filter(
                current_person(), found, name=form.name.data or "", asked=request.args, shared=shared, at=now()
            )  # fmt: skip
            name = saved.name
    except Invalid as error:
        form.refuse(error)
        return False
    flash(_("Le filtre « %(name)s » est gardé. Vous le retrouvez sur la page du tri.", name=name), "done")
    return True


def _back_home(said: str) -> Response:
    flash(said, "done")
    return redirect(url_for("triage.home"), 303)
