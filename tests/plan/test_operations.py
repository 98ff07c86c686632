"""The plan as a CSV file and back: nothing is lost, and a mistake is named before anything is written."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.csv_tables import LONGEST_CSV_VALUE, TableRefused
from cohab_report.db import db
from cohab_report.journal import SYSTEM, Event
from cohab_report.plan import csv_columns
from cohab_report.plan.models import Action, ActionStatus, action_source, action_support
from cohab_report.plan.operations import export_actions, import_actions
from tests.cast import Cast

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def one(code: str) -> Action:
    return db.session.scalars(select(Action).where(Action.code == code)).one()


def exported_rows() -> list[dict[str, str]]:
    """Returns the rows of the exported file."""
    return list(csv.DictReader(io.StringIO(export_actions(), newline="")))


def as_text(rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def file_with_values(code: str, **values: str) -> str:
    """Returns the exported file with some values of one action changed."""
    return as_text([row | values if row["code"] == code else row for row in exported_rows()])


def stored_rows(session: Session) -> list[list[tuple[object, ...]]]:
    session.flush()
    return [
        sorted((tuple(row) for row in session.execute(each.select())), key=repr)
        for each in (Action.__table__, action_support, action_source)
    ]


def test_the_file_has_every_column_and_the_actions_in_the_plan_s_order(session: Session) -> None:
    exported = exported_rows()
    assert list(exported[0]) == [column.name for column in csv_columns.ACTION_COLUMNS]
    assert [row["code"] for row in exported] == ["BER-1", "BER-2", "TOI-1", "TOI-2"]
    assert (exported[0]["support"], exported[0]["sources"], exported[0]["budget_cents"], exported[2]["from_year"]) == (
        "MAIRIE",
        "PLAN",
        "120000",
        "",
    )


def test_what_is_exported_comes_back_without_a_change(session: Session) -> None:
    text, before = export_actions(), stored_rows(session)
    report = import_actions(text, SYSTEM, NOW)
    assert (report.created, report.changed) == (0, 0)
    assert stored_rows(session) == before
    assert export_actions() == text
    assert not session.scalars(select(Event).where(Event.happened_at == NOW)).all()


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t\r\n"), max_size=60)
"""No control characters but those that a page shows: no file with them is taken."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(title="a\rb", note='"', target="=1;2", budget=0, status=ActionStatus.DONE)
@example(title="two\r\nlines", note="a,b\n", target="  ", budget=None, status=ActionStatus.UPCOMING)
@given(
    title=WORDS.filter(str.strip),
    note=WORDS,
    target=WORDS,
    budget=st.none() | st.integers(0, 10**15),
    status=st.sampled_from(ActionStatus),
)
def test_whatever_people_wrote_survives_the_round_trip(
    session: Session, title: str, note: str, target: str, budget: int | None, status: ActionStatus
) -> None:
    action = one("BER-2")
    action.title_fr, action.note_en, action.target, action.budget_cents, action.status = (
        title,
        note,
        target,
        budget,
        status,
    )
    session.flush()
    text, before = export_actions(), stored_rows(session)
    import_actions(
        file_with_values("BER-2", title_fr="x", note_en="x", target="x", budget_cents="1", status="abandoned"),
        SYSTEM,
        NOW,
    )
    assert stored_rows(session) != before
    import_actions(text, SYSTEM, NOW)
    assert stored_rows(session) == before
    assert export_actions() == text


def test_a_changed_status_and_support_are_taken_and_recorded_in_the_journal(session: Session, cast: Cast) -> None:
    report = import_actions(
        file_with_values("BER-2", status="under_way", support="MARAUDE;MAIRIE", lead="MAIRIE"), cast.omar, NOW
    )
    session.commit()
    action = one("BER-2")
    assert str(report) == "actions: 0 new, 1 changed"
    assert (action.status, action.lead.code) == (ActionStatus.UNDER_WAY, "MAIRIE")
    assert [partner.code for partner in action.support] == ["MAIRIE", "MARAUDE"]
    event = session.scalars(select(Event).where(Event.happened_at == NOW)).one()
    assert (event.name, event.thread, event.actor, event.facts) == (
        "action.changed",
        "BER-2",
        cast.omar.journal_name,
        {"line": 3},
    )


def test_a_new_line_is_a_new_action(session: Session) -> None:
    rows = [
        row | {"code": "BER-3", "position": "3", "title_fr": "Planter des saules"}
        for row in exported_rows()
        if row["code"] == "BER-1"
    ]
    assert import_actions(as_text(rows), SYSTEM, NOW).created == 1
    session.commit()
    assert (one("BER-3").title.fr, one("BER-3").field.code, one("BER-3").is_retired) == (
        "Planter des saules",
        "BER",
        False,
    )


def test_an_action_that_the_file_does_not_name_stays_as_it_is(session: Session) -> None:
    import_actions(as_text([row for row in exported_rows() if row["code"] == "TOI-1"]), SYSTEM, NOW)
    assert len(exported_rows()) == 4


def test_a_retired_action_is_not_exported(session: Session) -> None:
    one("TOI-2").is_retired = True
    session.flush()
    assert "TOI-2" not in [row["code"] for row in exported_rows()]


@pytest.mark.parametrize(
    ("values", "mistake"),
    [
        ({"lead": "VOIRIES"}, "plan.csv:3:lead: no row of partners has the code 'VOIRIES', did you mean 'VOIRIE'?"),
        ({"support": "MAIRIE;NOBODY"}, "plan.csv:3:support: no row of partners has the code 'NOBODY'"),
        ({"support": "MAIRIE;MAIRIE"}, "plan.csv:3:support: 'MAIRIE' is there twice"),
        ({"field": "EAU"}, "plan.csv:3:field: no row of fields has the code 'EAU'"),
        ({"sources": "PRESSE"}, "plan.csv:3:sources: no row of sources has the code 'PRESSE'"),
        (
            {"status": "finished"},
            (
                "plan.csv:3:status: 'finished' is not one of "
                "not_published, upcoming, under_way, done, postponed, abandoned"
            ),
        ),
        ({"title_en": " "}, "plan.csv:3:title_en: the cell is empty and must not be"),
        ({"to_year": "2020"}, "plan.csv:3:to_year: 2020 comes before 2027"),
        ({"budget_cents": "-5"}, "plan.csv:3:budget_cents: -5 is not between 0 and 1000000000000000"),
        (
            {"note_fr": "x" * (LONGEST_CSV_VALUE + 1)},
            f"plan.csv:3:note_fr: the cell holds a NUL character or more than {LONGEST_CSV_VALUE} characters",
        ),
        ({"code": "BER-1"}, "plan.csv:3:code: 'BER-1' is already on line 2"),
        ({"code": "ber-1"}, "plan.csv:3:code: 'ber-1' differs only in case from 'BER-1' on line 2"),
        ({"code": "ber-2"}, "plan.csv:3:code: 'ber-2' differs only in case from 'BER-2', which the city has"),
        ({"sources": ""}, "plan.csv:3:sources: a published action needs the source that says so"),
        ({"origin": "demo", "in_plan": "stated"}, "plan.csv:3:in_plan: a demo action can only be inferred"),
        ({"origin": "demo", "status": "done"}, "plan.csv:3:status: a demo action has no published status"),
        ({"note_en": "bell \x07"}, "plan.csv:3:note_en: the cell holds the control character '\\x07'"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(session: Session, values: dict[str, str], mistake: str) -> None:
    before = stored_rows(session)
    rows = [row | {"title_fr": "Autrement"} if row["code"] == "BER-1" else row for row in exported_rows()]
    text = as_text([row | values if row["code"] == "BER-2" else row for row in rows])
    with pytest.raises(TableRefused) as refused:
        import_actions(text, SYSTEM, NOW, file="plan.csv")
    assert any(str(each).startswith(mistake) for each in refused.value.mistakes), refused.value
    assert stored_rows(session) == before


def test_the_terminal_writes_the_plan_to_a_file_and_takes_it_back(app: Flask, session: Session, tmp_path: Path) -> None:
    runner, file = app.test_cli_runner(), tmp_path / "plan.csv"
    assert runner.invoke(args=["export-plan", str(file)]).exit_code == 0
    assert runner.invoke(args=["import-plan", str(file)]).output == "actions: 0 new, 0 changed\n"
    file.write_text(file.read_text(encoding="utf-8").replace("under_way", "soon"), encoding="utf-8")
    refused = runner.invoke(args=["import-plan", str(file)])
    assert refused.exit_code == 1
    assert refused.output.startswith("plan.csv:2:status: 'soon' is not one of")


def test_a_file_that_can_t_be_read_is_named(app: Flask, session: Session, tmp_path: Path) -> None:
    done = app.test_cli_runner().invoke(args=["import-plan", str(tmp_path / "nowhere.csv")])
    assert done.exit_code == 1
    assert "nowhere.csv:1:*: the file can't be read" in done.output
