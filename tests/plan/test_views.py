"""The plan's pages: every action, where it comes from, and the panels that others add."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.plan import action_page
from cohab_report.plan.models import Action, Milestone, Origin
from tests.page import Page

NOVEMBER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(NOVEMBER, tick=False):
        yield


def test_index_lists_every_action_under_its_field_with_its_origin(page: Page) -> None:
    read = page.get("plan.index")
    rows = {
        row.xpath("string(.//h3)").strip(): row.text_content()
        for row in read.xpath("//li[contains(@class, 'case-row')]")
    }
    assert list(rows) == ["Ramasser deux fois par jour", "Éclairer le quai", "Maraudes du soir", "Fêtes de quai"]
    assert (
        "Source publiée" in rows["Ramasser deux fois par jour"]
        and "Démonstration" not in rows["Ramasser deux fois par jour"]
    )
    assert "Démonstration" in rows["Fêtes de quai"] and "Source publiée" not in rows["Fêtes de quai"]
    assert "En cours" in rows["Ramasser deux fois par jour"]
    assert "2 actions viennent d’une source publiée" in read.text_content()


def test_index_leaves_retired_actions_out(page: Page, session: Session) -> None:
    session.scalars(select(Action).where(Action.code == "TOI-2")).one().is_retired = True
    session.commit()
    assert "Fêtes de quai" not in page.get("plan.index").text_content()
    page.get("plan.action", code="TOI-2", status=404)


def test_action_says_who_carries_it_and_what_comes_next(page: Page, session: Session) -> None:
    action = session.scalars(select(Action).where(Action.code == "BER-1")).one()
    for title, due, done in (
        ("Premier tour", datetime(2026, 5, 1), datetime(2026, 5, 2)),
        ("Deuxième tour", datetime(2026, 12, 1), None),
    ):
        session.add(
            Milestone(
                action=action,
                title_fr=title,
                title_en=title,
                due_on=due.date(),
                done_on=done.date() if done else None,
                origin=Origin.DEMO,
                recorded_at=NOVEMBER,
            )
        )
    session.commit()
    read = " ".join(page.get("plan.action", code="BER-1").text_content().split())
    for words in (action.lead.name_fr, "Deuxième tour, le 1er décembre 2026", "fait le 2 mai 2026", "Rondes", "1 200"):
        assert words in read.replace("\u202f", " ").replace("\xa0", " "), words


def test_action_without_a_source_says_that_it_is_a_demonstration(page: Page) -> None:
    assert "Aucune source publiée" in page.get("plan.action", code="TOI-2").text_content()
    assert "Aucune source publiée" not in page.get("plan.action", code="BER-1").text_content()


def test_action_that_is_not_there(page: Page) -> None:
    page.get("plan.action", code="NOPE-1", status=404)


def first_panel(action: Action) -> Markup:
    return Markup("<p>1, {}</p>").format(action.code)


def second_panel(action: Action) -> Markup:
    return Markup("<p>2, {}</p>").format(action.code)


def test_action_shows_the_panels_of_others_in_their_order(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, action_page.ACTION_PANELS_EXTENSION, [])
    action_page.add_action_panel(app, first_panel)
    action_page.add_action_panel(app, second_panel)
    read = page.get("plan.action", code="BER-1")
    panels = [each.text for each in read.xpath("//main/p") if each.text in ("1, BER-1", "2, BER-1")]
    assert panels == ["1, BER-1", "2, BER-1"]


def test_action_without_panels_is_the_plan_and_nothing_else(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.get("plan.action", code="BER-1").xpath("//section[@aria-labelledby='observe']")
    monkeypatch.setitem(app.extensions, action_page.ACTION_PANELS_EXTENSION, [])
    assert not page.get("plan.action", code="BER-1").xpath("//section[@aria-labelledby='observe']")
