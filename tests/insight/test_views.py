"""What the public and the committee read, on both databases: right, careful, and the same in page and file."""

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from lxml.html import HtmlElement
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.catalogue.models import Kind
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.insight import operations, queries
from cohab_report.insight.intervals import share_interval
from cohab_report.insight.models import MonthlyCount
from cohab_report.insight.pages.page_tables import share_words
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.suppression import (
    COMMITTEE_THRESHOLD,
    TOTAL,
    CountTable,
    Entry,
    EntryKey,
    HidingReason,
    SafeTable,
)
from cohab_report.partners.models import Person
from cohab_report.partners.queries import partner_or_refuse
from cohab_report.plan.models import Action, Origin
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as handovers
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.cast import Cast
from tests.insight.conftest import COUNTED, SOUTH
from tests.insight.test_suppression import assert_guarantee_holds
from tests.page import Page

SUMMER = "2026-T3"
HIDDEN = "masqué"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with time_machine.travel(COUNTED, tick=False):
        yield


def table_of(page: HtmlElement, caption: str) -> dict[str, list[str]]:
    """The lines of the table with this caption, by their first cell."""
    (table,) = page.xpath(f"//table[contains(caption, '{caption}')]")
    lines = [[" ".join(cell.text_content().split()) for cell in row.xpath("th|td")] for row in table.xpath("tbody/tr")]
    return {line[0]: line[1:] for line in lines}


def file_of(page: Page, address: str, as_: Person | None = None) -> list[dict[str, str]]:
    """The lines of a CSV file."""
    response = page._ask("GET", address, as_=as_)
    assert response.status_code == 200, response.text[:500]
    assert response.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))


def test_action_tells_few_observations_only_as_hidden(page: Page, summer: Cast) -> None:
    read = page.get("plan.action", code="BER-1")
    observed = read.xpath("//section[@aria-labelledby='observe']")[0].text_content()
    assert HIDDEN in observed
    assert not re.search(r"\b6\b", observed)
    assert "ne mesurent pas" in observed


def test_action_tells_many_observations_rounded_with_an_interval(page: Page, summer: Cast) -> None:
    for _number in range(36):
        factories.accepted_case(summer.ana, "DECHET-1", at=datetime(2026, 8, 3, 12, tzinfo=UTC))
    recount()
    observed = page.get("plan.action", code="BER-1").xpath("//section[@aria-labelledby='observe']")[0].text_content()
    assert "40" in observed and "42" not in observed
    assert "entre 26 et 57" in observed.replace("\xa0", " ")


def recount(again: bool = True) -> None:
    """Counts and publishes an hour later, and corrects the public quarter."""
    later = COUNTED + timedelta(hours=1)
    operations.recount_months(at=later)
    db.session.commit()
    publishing.publish_quarters(at=later)
    if again:
        publishing.publish_again(Quarter(2026, 3), by=journal.SYSTEM, at=later)


def test_figures_wait_until_a_quarter_is_over_for_fourteen_days(page: Page, summer: Cast) -> None:
    publishing.forget_publications()
    db.session.commit()
    with time_machine.travel(datetime(2026, 10, 14, 12, tzinfo=UTC), tick=False):
        publishing.publish_quarters(at=now())
        assert "juillet à septembre" not in page.get("figures.index").text_content()
        page.get("figures.index", trimestre=SUMMER, status=404)
        assert page._ask("GET", f"/bilan/{SUMMER}/mois.csv", as_=None).status_code == 404
    with time_machine.travel(datetime(2026, 10, 15, 12, tzinfo=UTC), tick=False):
        publishing.publish_quarters(at=now())
        assert "juillet à septembre 2026" in page.get("figures.index").text_content()


def test_figures_of_the_running_quarter_are_nobodys(page: Page, summer: Cast) -> None:
    page.get("figures.index", trimestre="2026-T4", status=404)
    page.get("committee.overview", as_=summer.charlie, trimestre="2026-T4", status=404)
    page.get("figures.index", trimestre="1999-T9", status=404)


def test_figures_are_rounded_and_never_tell_of_concerns(page: Page, summer: Cast) -> None:
    months = table_of(page.get("figures.index"), "par mois")
    kinds = ("Propreté", "Sécurité du lieu", "Positives")
    assert "Inquiétude" not in page.get("figures.index").xpath("string(//table)")
    assert set(months) == {"juillet 2026", "août 2026", "septembre 2026", "Total"}
    assert months["Total"][len(kinds)] == "50"  # 49, and two concerns, were received
    for line in months.values():
        for figure in line[: len(kinds) + 1]:
            assert figure == HIDDEN or int(figure) % 5 == 0


def test_shares_of_none_and_of_all_keep_their_uncertainty(page: Page) -> None:
    with page.app.test_request_context():
        none, all_of_them = (share_words((part / 1101, share_interval(part, 1101))) for part in (0, 1101))
    assert (none, all_of_them) == ("0\xa0% (entre 0\xa0% et 1\xa0%)", "100\xa0% (entre 99\xa0% et 100\xa0%)")


def test_overview_says_findings_first_with_their_uncertainty(page: Page, summer: Cast) -> None:
    read = page.get("committee.overview", as_=summer.charlie)
    said = " ".join(read.xpath("//section[@aria-labelledby='constats']")[0].text_content().split()).replace("\xa0", " ")
    assert "49 observations ont été reçues de juillet à septembre 2026" in said
    assert "entre 36 et 65" in said
    assert "48 dossiers" in said
    assert "Les observations positives comptent pour 24 % (entre 13 % et 39 %)" in said
    assert "Aucun dossier n’a été transmis à la police" in said
    assert "ne mesurent pas" in said
    assert "historique est insuffisant" in said


def test_overview_counts_equal_the_hand_made_rows(page: Page, summer: Cast) -> None:
    read = page.get("committee.overview", as_=summer.charlie)
    months = table_of(read, "par mois")
    assert months["juillet 2026"][0] == "16"
    assert months["août 2026"][2] == "12"
    assert months["Total"][:4] == ["25", "12", "12", "49"]
    actions = table_of(read, "chaque action")
    assert actions["BER-1 Ramasser deux fois par jour"][0] == "6"
    assert table_of(read, "sont devenues")["C’est fait"][0] == "5"


def test_overview_hides_few_and_what_would_give_them_back(page: Page, summer: Cast) -> None:
    read = page.get("committee.overview", as_=summer.charlie)
    sectors = table_of(read, "par secteur")
    assert sectors["Rive-Sud"][0] == HIDDEN  # two sharp objects
    assert sectors["Rive-Nord"][0] == HIDDEN  # 25 in all would give them back
    assert sectors["Total"][0] == "25"
    assert table_of(read, "par catégorie")["Objet piquant"][0] == HIDDEN
    assert table_of(read, "comptées à part")["Total"][:2] == [HIDDEN, HIDDEN]
    for caption in (
        "par mois",
        "par secteur",
        "par catégorie",
        "sont devenues",
        "hors plan",
        "chaque action",
        "comptées à part",
    ):
        for line in table_of(read, caption).values():
            assert not {"1", "2", "3", "4"} & set(line[:5]), (caption, line)


def test_overview_counts_transfers_to_the_police(page: Page, summer: Cast, session: Session) -> None:
    case = factories.accepted_case(summer.ana, "LIEU-1", at=datetime(2026, 9, 12, 12, tzinfo=UTC))
    guard = partner_or_refuse("GARDE")
    routing.transfer_to_police(
        case,
        guard,
        ground=handovers.legal_ground_or_refuse("DANGER"),
        reason="Menace écrite sur le mur",
        by=summer.ana,
        at=datetime(2026, 9, 12, 13, tzinfo=UTC),
    )
    recount()
    said = (
        page.get("committee.overview", as_=summer.charlie)
        .xpath("//section[@aria-labelledby='constats']")[0]
        .text_content()
    )
    assert "1 dossier a été transmis à la police" in said


@pytest.mark.parametrize("code", ["mois", "secteurs", "categories", "suites", "plan", "inquietudes", "actions"])
def test_a_file_says_what_the_page_says(page: Page, summer: Cast, code: str) -> None:
    captions = {
        "mois": "par mois",
        "secteurs": "par secteur",
        "categories": "par catégorie",
        "suites": "sont devenues",
        "plan": "hors plan",
        "inquietudes": "comptées à part",
    }
    page_lines = table_of(page.get("committee.overview", as_=summer.charlie), captions.get(code, "chaque action"))
    lines = file_of(page, f"/comite/{SUMMER}/{code}.csv", as_=summer.charlie)
    for line in lines:
        values = [line[kind.value] or "–" for kind in Kind if kind.value in line] + [line["total"]]
        if line["label"] in page_lines:
            assert [
                text.replace("\u202f", "").replace("\xa0", "") for text in page_lines[line["label"]][: len(values)]
            ] == values
        assert line["total"] == HIDDEN or line["low_95"] != ""
        assert line["total"] != HIDDEN or line["low_95"] == ""
    assert {line["label"] for line in lines} >= set(page_lines)


def test_the_open_data_page_explains_every_column_of_every_public_file(page: Page, summer: Cast) -> None:
    explained = page.get("resident.open_data").xpath("//main//table//th[@scope='row']")
    explained_columns = {name.strip() for each in explained for name in each.text_content().split(",")}
    for code in ("mois", "secteurs", "actions"):
        assert set(file_of(page, f"/bilan/{SUMMER}/{code}.csv")[0]) <= explained_columns, code


def test_files_that_are_not_there(page: Page, summer: Cast) -> None:
    for address in (f"/comite/{SUMMER}/secrets.csv", "/comite/2026-T4/mois.csv", "/comite/2026-T9/mois.csv"):
        assert page._ask("GET", address, as_=summer.charlie).status_code == 404
    for address in (f"/bilan/{SUMMER}/categories.csv", f"/bilan/{SUMMER}/suites.csv", "/bilan/2026-T4/mois.csv"):
        assert page._ask("GET", address, as_=None).status_code == 404


def test_the_committees_page_is_for_those_who_follow_the_plan(page: Page, summer: Cast) -> None:
    for person in (summer.charlie, summer.omar, summer.admin):
        page.get("committee.overview", as_=person)
        assert file_of(page, f"/comite/{SUMMER}/mois.csv", as_=person)
    for person in (summer.ana, summer.lin):
        page.get("committee.overview", as_=person, status=403)
        assert page._ask("GET", f"/comite/{SUMMER}/mois.csv", as_=person).status_code == 403


def test_a_wide_table_stays_a_table_when_a_phone_stacks_it(page: Page, summer: Cast) -> None:
    wide = page.get("committee.overview", as_=summer.charlie).xpath("//table[contains(@class, 'table--stacks')]")[0]
    assert wide.get("role") == "table" and {row.get("role") for row in wide.xpath(".//tr")} == {"row"}
    heads = [head.text_content() for head in wide.xpath(".//th[@role='columnheader']")]
    for row in wide.xpath(".//tbody/tr"):
        assert [cell.get("data-label") for cell in row.xpath("./td[@role='cell']")] == heads[1:]
        assert row.xpath("./th/@role") == ["rowheader"]


def test_pages_before_anything_was_counted(page: Page, cast: Cast) -> None:
    assert "Aucun trimestre n’est encore publié" in page.get("figures.index").text_content()
    assert "Aucun trimestre entier" in page.get("committee.overview", as_=cast.charlie).text_content()
    assert "Aucun trimestre n’est encore publié" in page.get("plan.action", code="BER-1").text_content()


def test_no_page_tells_where_something_never_public_is(page: Page, summer: Cast) -> None:
    for read in (
        page.get("committee.overview", as_=summer.charlie),
        page.get("figures.index"),
        page.get("plan.action", code="TOI-1"),
    ):
        text = read.text_content()
        assert "47.1" not in text and "-1.25" not in text


def from_file(page: Page, person: Person, table: CountTable, code: str) -> SafeTable:
    """What a committee member holds who downloaded this file, and nothing else."""
    entries: dict[EntryKey, Entry] = {}
    for line in file_of(page, f"/comite/{SUMMER}/{code}.csv", as_=person):
        kind = {"total": "column"}.get(line["code"], "row" if line["code"] in table.rows else "group")
        for column in table.columns:
            if line[column]:
                key = ("column", "", column) if kind == "column" else ("inner", line["code"], column)
                entries[key] = entry_of(line[column])
        entries[TOTAL if kind == "column" else (kind, line["code"], "")] = entry_of(line["total"])
    counts = table.counts_by_key()
    for key, entry in entries.items():
        entries[key] = replace(entry, hiding_reason=hiding_reason(counts[key]) if entry.value is None else None)
    return SafeTable(table.rows, table.columns, entries)


def entry_of(text: str) -> Entry:
    return Entry(None) if text == HIDDEN else Entry(int(text))


def hiding_reason(value: int) -> HidingReason:
    return "primary" if 0 < value < COMMITTEE_THRESHOLD else "complementary"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_file_gives_back_what_the_page_hides(page: Page, summer: Cast, session: Session, seed: int) -> None:
    scatter(session, random.Random(seed))
    publishing.publish_quarters(at=COUNTED)
    counts = queries.monthly_counts(Quarter(2026, 3).first_day, Quarter(2026, 4).first_day)
    kinds = [Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE]
    sectors = {sector.id: sector.code for sector in published.sectors_with_retired()}
    categories = {category.id: category for category in published.categories_with_retired()}

    def true_table(
        rows: list[str], row_of: Callable[[queries.MonthlyCountValues], str], only: dict[str, Kind] | None = None
    ) -> CountTable:
        sums = Counter[tuple[str, Kind]]()
        for count in counts:
            sums[row_of(count), count.kind] += count.observations
        lines = (tuple(None if only and only[name] != kind else sums[name, kind] for kind in kinds) for name in rows)
        return CountTable(tuple(rows), tuple(kind.value for kind in kinds), tuple(lines))

    kind_of = {category.code: category.kind for category in categories.values() if category.kind in kinds}
    tables = {
        "mois": true_table(
            [month.isoformat() for month in Quarter(2026, 3).months], lambda count: count.month.isoformat()
        ),
        "secteurs": true_table(list(sectors.values()), lambda count: sectors[count.sector_id]),
        "categories": true_table(list(kind_of), lambda count: categories[count.category_id].code, kind_of),
        "suites": true_table(["open", *ClosingReason], lambda count: count.outcome),
        "plan": true_table(
            ["in_plan", "out_of_plan"], lambda count: "out_of_plan" if count.is_out_of_plan else "in_plan"
        ),
    }
    read_tables = [from_file(page, summer.charlie, table, code) for code, table in tables.items()]
    assert_guarantee_holds(list(tables.values()), read_tables, COMMITTEE_THRESHOLD)
    assert sum(entry.hiding_reason is not None for safe in read_tables for entry in safe.entries.values()) > 5


def scatter(session: Session, rng: random.Random) -> None:
    """Counts here and there, as a real quarter has them: many small, a few large."""
    sectors, categories = (
        published.sectors_with_retired(),
        [category for category in published.categories_with_retired() if category.kind is not Kind.CONCERN],
    )
    session.execute(delete(MonthlyCount))
    for month in Quarter(2026, 3).months:
        for category in categories:
            for outcome in rng.sample(["open", *ClosingReason], 3):
                session.add(
                    MonthlyCount(
                        month=month,
                        kind=category.kind,
                        category_id=category.id,
                        sector_id=rng.choice(sectors).id,
                        outcome=str(outcome),
                        is_out_of_plan=rng.random() < 0.2,
                        observations=rng.choice([1, 1, 2, 3, 4, 6, 9, 15]),
                        cases=1,
                        counted_at=COUNTED + timedelta(hours=1),
                    )
                )
    session.commit()


def queries_of(page: Page, address: str, as_: Person | None = None) -> int:
    """How many statements one visit sends to the database."""
    count = 0

    def note(*_facts: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert page._ask("GET", address, as_=as_).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return count


@pytest.mark.parametrize("address", ["/plan", "/plan/BER-1", "/bilan", "/comite"])
def test_the_number_of_queries_does_not_grow(page: Page, summer: Cast, session: Session, address: str) -> None:
    as_ = summer.charlie if address == "/comite" else None
    queries_of(page, address, as_)
    before = queries_of(page, address, as_)
    for day in range(1, 25):
        factories.observation("LIEU-2", at=datetime(2026, 7, day, 12, tzinfo=UTC))
        factories.accepted_case(summer.ana, "BIEN-1", at=datetime(2026, 8, day, 12, tzinfo=UTC), point=SOUTH)
        factories.case("SOUCI", at=datetime(2026, 9, day, 12, tzinfo=UTC))
    recount()
    for number in range(8):
        action = session.scalars(select(Action).where(Action.code == "BER-1")).one()
        session.add(
            Action(
                code=f"BER-{number + 10}",
                field_id=action.field_id,
                position=number + 10,
                title_fr="Autre",
                title_en="Other",
                lead_id=action.lead_id,
                status=action.status,
                origin=Origin.DEMO,
                in_plan=action.in_plan,
            )
        )
    session.commit()
    assert queries_of(page, address, as_) == before
