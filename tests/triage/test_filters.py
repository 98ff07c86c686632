"""Saved filters: Ana saves what she looks for each morning, Bea uses what Ana shares, nobody changes another's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from lxml.html import HtmlElement
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.errors import Invalid, NotFound
from cohab_report.partners.models import Person, Role
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.waiting import filters
from cohab_report.triage.waiting.models import SavedFilter
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page

LATE: dict[str, Any] = {"overdue": "1", "kind": "cleanliness"}


def save_filter(
    person: Person, name: str = "Berges en retard", *, parameters: Mapping[str, str] = LATE, shared: bool = False
) -> SavedFilter:
    return filters.save_filter(
        person, queries.queue_or_refuse("berges"), name=name, parameters=parameters, shared=shared, at=now()
    )


def saved_filter_rows() -> list[tuple[str, dict[str, str], bool]]:
    return [
        (row.name, row.query, row.is_shared) for row in db.session.scalars(select(SavedFilter).order_by(SavedFilter.id))
    ]


def filters_section(page: Page, person: Person) -> HtmlElement:
    found: list[HtmlElement] = page.get("triage.dashboard", as_=person).xpath("//section[@aria-labelledby='filtres']")
    return found[0]


def filter_names(found: HtmlElement) -> list[str]:
    return [str(name) for name in found.xpath(".//ul/li/div/a/text() | .//ul/li/div/strong/text()")]


def post_filter(
    page: Page, person: Person, *, status: int = 303, parameters: Mapping[str, Any] = LATE, **typed: str
) -> str:
    """The person reads a narrowed queue, and sends the form that saves its filters."""
    found = page.get("triage.queue", as_=person, code="berges", **parameters)
    return post_filter_form(page, found, status=status, **typed).text


def post_filter_form(page: Page, found: HtmlElement, *, status: int = 303, **typed: str) -> TestResponse:
    (action,) = found.xpath("//form[@method='post'][contains(@action,'/files/')]/@action")
    return page.post(action, {f"filter-{name}": text for name, text in typed.items()}, status=status)


@contextmanager
def counted_selects() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            statements.append(statement)

    db.session.commit()
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


# Filters in an address


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"kind": "safety", "state": "new", "category": "DECHET-1"},
            {"kind": "safety", "state": "new", "category": "DECHET-1"},
        ),
        ({"mine": "yes", "unclaimed": "", "overdue": "1"}, {"mine": "1", "overdue": "1"}),
        ({"kind": "nonsense", "state": "nowhere", "category": "RETIREE", "sector": "lune"}, {}),
        ({"page": "7", "csrf_token": "x", "name": "Ana"}, {}),
    ],
)
def test_only_valid_filters_are_saved(session: Session, parameters: dict[str, str], expected: dict[str, str]) -> None:
    assert filters.valid_parameters(parameters) == expected


def test_what_is_mine_is_the_readers(cast: Cast) -> None:
    assert filters.case_filter({"mine": "1"}, reader=cast.bea).claimed_by == cast.bea.id
    assert filters.case_filter({"kind": "safety"}, reader=cast.bea).claimed_by is None


# Saving


def test_ana_saves_a_filter_and_finds_it_on_the_dashboard(page: Page, cast: Cast) -> None:
    late, fresh = factories.case(), factories.case(at=now())
    post_filter(page, cast.ana, name="  Berges   en\tretard ")
    assert saved_filter_rows() == [("Berges en retard", {"kind": "cleanliness", "overdue": "1"}, False)]
    found = filters_section(page, cast.ana)
    assert "Berges · Propreté · En retard" in " ".join(found.text_content().split())
    (address,) = found.xpath(".//ul/li/div/a/@href")
    queue = page.visit(address, as_=cast.ana)
    assert queue.xpath("//span[@class='ref']/text()") == [late.reference] != [fresh.reference]
    assert "Filtre gardé sous le nom « Berges en retard »" in queue.text_content()
    assert not queue.xpath("//form[@method='post'][contains(@action,'/files/')]")


def test_saving_leads_back_to_the_filtered_queue_and_says_so(page: Page, cast: Cast) -> None:
    found = page.get("triage.queue", as_=cast.ana, code="berges", page="2", **LATE)
    answer = post_filter_form(page, found, name="Tard")
    assert answer.location == "/tri/files/berges?kind=cleanliness&overdue=1"
    assert "« Tard » est gardé" in page.visit(answer.location, as_=cast.ana).text_content()


def test_a_queue_without_filters_offers_nothing_to_save(page: Page, cast: Cast) -> None:
    found = page.get("triage.queue", as_=cast.ana, code="berges", page="1", kind="nonsense")
    assert "Garder ce filtre" not in found.text_content()
    answer = page.post("/tri/files/berges", {"filter-name": "Tout"}, as_=cast.ana, status=422)
    assert "Aucun filtre n’est choisi" in answer.text
    assert saved_filter_rows() == []


def test_no_filter_is_saved_without_the_forms_token(page: Page, cast: Cast) -> None:
    page.sign_in(cast.ana)
    assert page._ask("POST", "/tri/files/berges?overdue=1", as_=None, data={"filter-name": "Tard"}).status_code == 400
    assert saved_filter_rows() == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Donnez un nom à ce filtre."),
        (" \u200b\t ", "Donnez un nom à ce filtre."),
        ("a" * 61, "Gardez au plus 60 caractères."),
        ("berges EN RETARD", "Vous avez déjà un filtre de ce nom."),
    ],
)
def test_a_name_that_can_not_be_is_refused_beside_the_field(page: Page, cast: Cast, typed: str, said: str) -> None:
    save_filter(cast.ana)
    answer = post_filter(page, cast.ana, status=422, parameters={"unclaimed": "1"}, name=typed, shared="y")
    assert len(saved_filter_rows()) == 1
    found = checked_page(answer)
    (field,) = found.xpath("//input[@name='filter-name']")
    assert field.get("value", "") == typed
    assert said in found.xpath(f"string(//*[@id='{field.get('aria-describedby')}'])")
    assert found.xpath("//input[@name='filter-shared'][@checked]")
    assert found.xpath("//details[@open]//input[@name='filter-name']")
    assert found.xpath("//nav[@aria-label='Seulement']//a[@aria-current]/text()") == ["Sans personne"]


def test_the_longest_name_fits_and_markup_in_it_stays_text(page: Page, cast: Cast) -> None:
    name = "<b>«\u202f%(x)s\u202f» " + "é" * (60 - len("<b>« %(x)s » "))
    post_filter(page, cast.ana, name=name)
    (shown,) = filter_names(filters_section(page, cast.ana))
    assert shown == " ".join(name.split()) and len(shown) == 60


def test_thirty_filters_are_enough_for_one_person_and_no_limit_for_another(page: Page, cast: Cast) -> None:
    for number in range(filters.MOST_SAVED_FILTERS):
        save_filter(cast.ana, f"Filtre {number}")
    assert "Vous gardez déjà 30 filtres." in post_filter(
        page, cast.ana, status=422, parameters={"unclaimed": "1"}, name="Un de plus"
    )
    post_filter(page, cast.bea, name="Filtre 1")
    assert len(saved_filter_rows()) == filters.MOST_SAVED_FILTERS + 1


# Sharing


def test_bea_sees_what_ana_shares_and_nothing_of_what_she_does_not_share(page: Page, cast: Cast) -> None:
    save_filter(cast.ana, "Pour moi")
    save_filter(cast.bea, "De Bea")
    post_filter(page, cast.ana, parameters={"unclaimed": "1"}, name="Pour tous", shared="y")
    found = filters_section(page, cast.bea)
    assert filter_names(found) == ["De Bea", "Pour tous"]
    assert "partagé par Ana" in found.text_content()
    assert len(found.xpath(".//form")) == 1, "Bea may change her own only"
    assert filter_names(filters_section(page, cast.ana)) == ["Pour moi", "Pour tous"]
    (address,) = found.xpath(".//a[text()='Pour tous']/@href")
    assert "« Pour tous », partagé par Ana" in page.visit(address, as_=cast.bea).text_content()


def test_sharing_and_no_longer_sharing(page: Page, cast: Cast) -> None:
    saved = save_filter(cast.ana)
    dashboard = page.get("triage.dashboard", as_=cast.ana)
    page.submit(dashboard, {}, action=page.address("triage.share_filter", number=saved.id))
    assert filter_names(filters_section(page, cast.bea)) == ["Berges en retard"]
    dashboard = page.get("triage.dashboard", as_=cast.ana)
    assert "partagé avec l’équipe" in dashboard.text_content()
    page.submit(dashboard, {}, action=page.address("triage.unshare_filter", number=saved.id))
    assert filter_names(filters_section(page, cast.bea)) == []
    assert filter_names(filters_section(page, cast.ana)) == ["Berges en retard"]


def test_a_shared_filter_for_what_is_mine_shows_each_reader_their_own(page: Page, cast: Cast) -> None:
    anas, beas = factories.case(), factories.case()
    triage.claim_case(anas, by=cast.ana, at=now())
    triage.claim_case(beas, by=cast.bea, at=now())
    save_filter(cast.ana, "À nous", parameters={"mine": "1"}, shared=True)
    (address,) = filters_section(page, cast.bea).xpath(".//ul//a/@href")
    assert page.visit(address, as_=cast.bea).xpath("//span[@class='ref']/text()") == [beas.reference]


@pytest.mark.parametrize(("change", "value"), [("is_active", False), ("role", Role.PILOT)])
def test_what_somebody_shared_who_no_longer_triages_is_not_shown(
    page: Page, cast: Cast, change: str, value: Any
) -> None:
    save_filter(cast.ana, shared=True)
    setattr(cast.ana, change, value)
    assert filter_names(filters_section(page, cast.bea)) == []


# Deleting


def test_ana_deletes_her_filter_from_the_dashboard(page: Page, cast: Cast) -> None:
    saved, other = save_filter(cast.ana, shared=True), save_filter(cast.ana, "L’autre")
    dashboard = page.get("triage.dashboard", as_=cast.ana)
    address = page.address("triage.delete_filter", number=saved.id)
    assert dashboard.xpath(f"//button[@formaction='{address}']")
    page.post(address, {}, as_=cast.ana)
    assert saved_filter_rows() == [(other.name, other.query, False)]
    assert "« Berges en retard » est supprimé" in page.get("triage.dashboard", as_=cast.ana).text_content()


@pytest.mark.parametrize("act", ["share_filter", "unshare_filter", "delete_filter"])
def test_nobody_changes_what_another_saved_even_when_it_is_shared(page: Page, cast: Cast, act: str) -> None:
    shared, private = save_filter(cast.ana, shared=True), save_filter(cast.ana, "Pour moi")
    before = saved_filter_rows()
    for number in (shared.id, private.id, 999_999, 9_007_199_254_740_991):
        page.post(page.address(f"triage.{act}", number=number), {}, as_=cast.bea, status=404)
    for part in (shared.id, "x", "x" * 32, page.address("triage.share_filter", number=shared.id).split("/")[3][:-1]):
        page.post(f"/tri/filtres/{part}/partager", {}, as_=cast.ana, status=404)
    page.post(page.address(f"triage.{act}", number=shared.id), {}, as_=cast.lin, status=403)
    assert saved_filter_rows() == before


def test_operations_refuse_what_is_not_the_persons(cast: Cast) -> None:
    saved = save_filter(cast.ana, shared=True)
    for act in (filters.share_filter, filters.unshare_filter, filters.delete_filter):
        with pytest.raises(NotFound):
            act(saved.id, by=cast.bea)
    with pytest.raises(Invalid) as refused:
        save_filter(cast.ana, "BERGES en retard")
    assert (refused.value.field, refused.value.reason) == ("name", "taken")


# What changed meanwhile


def test_what_no_longer_exists_is_left_out_of_an_old_filter(page: Page, cast: Cast) -> None:
    case = factories.case()
    saved = save_filter(cast.ana)
    saved.query = {"category": "RETIREE", "state": "forgotten", "sector": "lune", "later": "1", "unclaimed": "1"}
    (address,) = filters_section(page, cast.ana).xpath(".//ul//a/@href")
    assert address == "/tri/files/berges?unclaimed=1"
    assert case.reference in page.visit(address, as_=cast.ana).text_content()
    saved.query = {"category": "RETIREE"}
    (address,) = filters_section(page, cast.ana).xpath(".//ul//a/@href")
    assert address == "/tri/files/berges"


def test_a_filter_of_a_queue_that_is_no_more_can_still_be_deleted_by_its_owner(page: Page, cast: Cast) -> None:
    saved = save_filter(cast.ana, shared=True)
    saved.queue.is_retired = True
    found = filters_section(page, cast.ana)
    assert filter_names(found) == ["Berges en retard"] and not found.xpath(".//ul//a")
    assert "cette file n’existe plus" in found.text_content()
    assert filter_names(filters_section(page, cast.bea)) == []
    page.post(page.address("triage.delete_filter", number=saved.id), {}, as_=cast.ana)
    assert saved_filter_rows() == []


# Cost


def test_dashboard_and_queue_ask_the_database_as_often_for_thirty_filters_as_for_one(page: Page, cast: Cast) -> None:
    save_filter(cast.ana, shared=True)
    filters_section(page, cast.bea)
    with counted_selects() as for_one:
        filters_section(page, cast.bea)
        page.get("triage.queue", as_=cast.bea, code="berges", **LATE)
    for number in range(filters.MOST_SAVED_FILTERS - 1):
        save_filter(cast.ana, f"Filtre {number}", shared=True)
        save_filter(cast.bea, f"Filtre {number}")
    with counted_selects() as for_many:
        assert len(filter_names(filters_section(page, cast.bea))) == 2 * filters.MOST_SAVED_FILTERS - 1
        page.get("triage.queue", as_=cast.bea, code="berges", **LATE)
    assert len(for_many) == len(for_one)
