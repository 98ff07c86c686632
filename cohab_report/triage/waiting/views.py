"""The triage dashboard, the page of one queue with its filters, and the acts on saved filters."""

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
from cohab_report.triage.blueprint import bp
from cohab_report.triage.inquiries.queries import inquiry_state_by_case
from cohab_report.triage.queries import queue_or_refuse
from cohab_report.triage.waiting import filters, queries
from cohab_report.triage.waiting.forms import SaveFilterForm
from cohab_report.triage.waiting.models import Queue
from cohab_report.web.access import needs
from cohab_report.web.paging import page_number
from cohab_report.web.typed_text import gives_back

QueueResponse = Response | str | tuple[str, int]
FILTER_ADDRESS = '/filtres/<row("saved_filter"):number>'


@bp.get("")
@needs(Role.TRIAGER)
def dashboard() -> str:
    """Shows the queues with their counts, the saved filters, and the cases that the reader has claimed."""
    reader, at = current_person(), now()
    saved_filters, own_cases = filters.filters_for(reader), queries.claimed_cases(reader)
    return render_template(
        "triage/dashboard.html",
        counts=queries.queue_counts(at=at),
        own_cases=own_cases,
        inquiry_states=inquiry_state_by_case(own_cases),
        saved_filters=saved_filters,
        at=at,
    )


@bp.route("/files/<code>", methods=["GET", "POST"])
@needs(Role.TRIAGER)
@gives_back(SaveFilterForm, prefix="filter")
def queue(code: str) -> QueueResponse:
    """Shows one page of a queue's cases that fit the filters of the address, the most pressing first.

    Posted with a name, saves these filters under it.
    """
    this_queue, form = queue_or_refuse(code), SaveFilterForm(prefix="filter")
    if request.method == "GET":
        return _render_queue(this_queue, form)
    if form.validate() and _save_filter(this_queue, form):
        parameters: dict[str, Any] = filters.valid_parameters(request.args)
        return redirect(url_for("triage.queue", code=code, **parameters), 303)
    return _render_queue(this_queue, form), 422


@bp.post(f"{FILTER_ADDRESS}/partager")
@needs(Role.TRIAGER)
@transaction()
def share_filter(number: int) -> Response:
    """Shares one of the reader's filters with the team."""
    name = filters.share_filter(number, by=current_person())
    return _redirect_to_dashboard(_("L’équipe voit maintenant le filtre « %(name)s ».", name=name))


@bp.post(f"{FILTER_ADDRESS}/garder-pour-soi")
@needs(Role.TRIAGER)
@transaction()
def unshare_filter(number: int) -> Response:
    """Ends the sharing of one of the reader's filters."""
    name = filters.unshare_filter(number, by=current_person())
    return _redirect_to_dashboard(_("Le filtre « %(name)s » n’est plus partagé : vous le gardez pour vous.", name=name))


@bp.post(f"{FILTER_ADDRESS}/supprimer")
@needs(Role.TRIAGER)
@transaction()
def delete_filter(number: int) -> Response:
    """Deletes one of the reader's filters."""
    name = filters.delete_filter(number, by=current_person())
    return _redirect_to_dashboard(_("Le filtre « %(name)s » est supprimé.", name=name))


def _render_queue(queue: Queue, form: SaveFilterForm) -> str:
    reader, at, number = current_person(), now(), page_number(request.args.get("page"))
    parameters = filters.valid_parameters(request.args)
    cases, has_more = queries.waiting_cases(queue, filters.case_filter(parameters, reader=reader), at=at, page=number)
    same_filters = (
        [each for each in filters.filters_for(reader) if each.queue.id == queue.id and each.parameters == parameters]
        if parameters
        else []
    )
    return render_template(
        "triage/queue.html",
        queue=queue,
        cases=cases,
        inquiry_states=inquiry_state_by_case(cases),
        page=number,
        has_more=has_more,
        counts=queries.queue_counts(at=at),
        categories=[category for category in catalogue.categories() if category.opens_the_form],
        parameters=parameters,
        saved_filter=next(iter(same_filters), None),
        form=form,
        at=at,
    )


def _save_filter(queue: Queue, form: SaveFilterForm) -> bool:
    shared = bool(form.shared.data)
    try:
        with transaction():
            saved_filter = filters.save_filter(
                current_person(), queue, name=form.name.data or "", parameters=request.args, shared=shared, at=now()
            )
            name = saved_filter.name
    except Invalid as error:
        form.refuse(error)
        return False
    flash(_("Le filtre « %(name)s » est gardé. Vous le retrouvez sur la page du tri.", name=name), "done")
    return True


def _redirect_to_dashboard(message: str) -> Response:
    flash(message, "done")
    return redirect(url_for("triage.dashboard"), 303)
