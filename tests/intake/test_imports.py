"""The import of another system's export: every format, every kind of bad row, stopped anywhere and restarted."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cohab_report import create_app
from cohab_report.catalogue.models import Protection
from cohab_report.csv_tables import TableRefused
from cohab_report.db import db
from cohab_report.errors import Invalid
from cohab_report.geo import Point, point_of
from cohab_report.intake import codes
from cohab_report.intake.imports import mapping as mappings
from cohab_report.intake.imports import translation
from cohab_report.intake.imports.job import Import
from cohab_report.intake.imports.reading import ExportRow, parse_rows, read_rows
from cohab_report.intake.imports.refusals import REFUSALS_HEADER, refusals_file
from cohab_report.intake.models import Belongings, Channel, Observation, Status
from cohab_report.journal import Event
from cohab_report.triage import imported
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests.cast import Cast
from tests.conftest import settings_for

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
MAPPING = """
source = "elsewhere"
[columns]
id = "number"
category = "type"
created = "opened"
closed = "ended"
status = "state"
lon = "x"
lat = "y"
text = "words"
[time]
zone = "America/Chicago"
formats = ["iso", "%m/%d/%Y %I:%M:%S %p"]
[shift]
from = [-96.8, 32.8]
to = [-1.25, 47.15]
scale = 0.1
[categories]
"Litter" = "DECHET-1"
"Dead animal" = { category = "DECHET-2", belongings = "no" }
"Noise" = "LIEU-2"
"Party" = "BIEN-1"
"Billing" = ""
[refused]
"Encampment" = "about_people"
[status]
"Closed" = "done"
"Closed (Duplicate)" = "already_followed"
[closing]
action = "BER-1"
"""
ROW = {
    "number": "23-1",
    "type": "Litter",
    "opened": "2023-08-01T22:30:00",
    "ended": "2023-08-03T10:00:00",
    "state": "Closed",
    "x": "-96.8",
    "y": "32.8",
    "words": "",
    "address": "12 MAIN ST",
    "name": "A. Resident",
}


def mapping(text: str = MAPPING) -> mappings.SourceMapping:
    return mappings.parse_mapping(text)


def as_csv(*rows: dict[str, str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(ROW))
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    return out.getvalue().encode()


def rows(raw: bytes, legend: mappings.SourceMapping | None = None) -> list[ExportRow]:
    legend = legend or mapping()
    return parse_rows(raw, translation.columns_to_read(legend), delimiter=legend.delimiter)


def run(
    raw: bytes, legend: mappings.SourceMapping | None = None, *, batch: int = 200, **more
) -> tuple[Import, list[tuple[int, str, str]]]:
    """The import that has run over these bytes, and its refusals as (row, field, reason)."""
    legend = legend or mapping()
    job = Import(legend, NOW, **more)
    refused = [refusal for _, refusals in job.run(rows(raw, legend), batch=batch) for refusal in refusals]
    return job, [(refusal.row, refusal.field, refusal.reason) for refusal in refused]


def all_observations(session: Session) -> list[Observation]:
    return list(session.scalars(select(Observation).order_by(Observation.id)))


# --- What an imported row becomes ---


def test_a_row_becomes_an_observation_of_its_own_day_with_a_case(session: Session):
    job, refused = run(as_csv({}))
    (observation,) = all_observations(session)
    assert (job.progress.imported, refused) == (1, [])
    assert observation.received_at == datetime(2023, 8, 2, 3, 30, tzinfo=UTC)
    assert observation.observed_on == date(2023, 8, 1)  # the evening before, where it was reported
    assert (observation.channel, observation.category.code, observation.text) == (Channel.IMPORT, "DECHET-1", "")
    case = session.scalars(select(Case)).one()
    assert (case.state, case.opened_at) == (CaseState.OCCUPANCY_CHECK, observation.received_at)


def test_nothing_that_the_mapping_does_not_name_is_kept(session: Session):
    run(as_csv({"words": "Des sacs au coin."}))
    stored_values = " ".join(str(value) for value in all_observations(session)[0].__dict__.values())
    assert "Des sacs au coin." in stored_values
    assert not any(word in stored_values for word in ("MAIN", "Resident", "23-1"))
    assert all("address" not in row.values and "name" not in row.values for row in rows(as_csv({})))


def test_what_nobody_asked_about_belongings_is_unknown_and_so_never_public(session: Session):
    run(as_csv({"number": "1"}, {"number": "2", "type": "Dead animal"}, {"number": "3", "type": "Party"}))
    litter, animal, party = all_observations(session)
    assert (litter.belongings, litter.protection) == (Belongings.UNKNOWN, Protection.NEVER_PUBLIC)
    assert animal.belongings is Belongings.NO
    assert (party.belongings, party.protection) == (Belongings.NOT_ASKED, Protection.PUBLIC_EXACT)


def test_points_move_into_the_territory_and_shrink(session: Session):
    run(as_csv({"x": "-96.7", "y": "32.9"}))
    point = point_of(session.scalars(select(Observation.point)).one())
    assert point is not None and point.metres_to(Point(-1.24, 47.16)) < 1


def test_a_client_id_is_the_same_again_and_nobody_finds_it_without_the_key():
    first = translation.import_client_id("elsewhere", "23-1", "k" * 40)
    assert first == translation.import_client_id("elsewhere", "23-1", "k" * 40)
    assert (
        len(
            {
                first,
                translation.import_client_id("elsewhere", "23-1", "l" * 40),
                translation.import_client_id("other", "23-1", "k" * 40),
            }
        )
        == 3
    )
    assert first.version == 4 and codes.code_for(first, "c" * 40)


def test_imported_history_notifies_nobody(app: Flask, session: Session, monkeypatch):
    listeners = app.extensions["journal"].after_commit
    monkeypatch.setitem(listeners, "observation.received", [lambda event: None])
    run(as_csv({}))
    assert session.scalar(select(func.count()).select_from(Event).where(Event.done_at.is_(None))) == 0


# --- Formats ---


@pytest.mark.parametrize(
    "wrap", [lambda rows: rows, lambda rows: {"results": rows}, lambda rows: {"meta": 1, "data": rows}]
)
def test_json_is_a_list_or_holds_one(session: Session, wrap: Callable[[object], object]):
    job, refused = run(json.dumps(wrap([ROW, {**ROW, "number": 2, "x": -96.8, "y": 32.8}])).encode())
    assert (job.progress.imported, refused) == (2, [])


def test_geojson_brings_its_own_points(session: Session):
    legend = mapping(MAPPING.replace('lon = "x"\nlat = "y"\n', "").replace('id = "number"', 'id = "id"'))
    own = {key: value for key, value in ROW.items() if key not in ("number", "x", "y")}
    point = {"type": "Point", "coordinates": [-96.8, 32.8, 5]}
    features = [
        {"type": "Feature", "id": 7, "properties": own, "geometry": point},
        {
            "type": "Feature",
            "properties": {**own, "id": "8"},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0]]]},
        },
        {"type": "Feature", "properties": {**own, "id": "9"}, "geometry": None},
    ]
    job, refused = run(json.dumps({"type": "FeatureCollection", "features": features}).encode(), legend)
    assert (job.progress.imported, refused) == (1, [(2, "place", "missing"), (3, "place", "missing")])


def test_names_with_dots_look_inside(session: Session):
    legend = mapping(MAPPING.replace('lon = "x"\nlat = "y"', 'lon = "at.x"\nlat = "at.y"'))
    nested = {**{key: value for key, value in ROW.items() if key not in "xy"}, "at": {"x": -96.8, "y": 32.8}}
    assert run(json.dumps([nested]).encode(), legend)[0].progress.imported == 1


def test_csv_from_elsewhere_has_its_own_delimiter_and_encoding(session: Session, tmp_path: Path):
    legend = mapping(MAPPING + '[file]\nencoding = "cp1252"\ndelimiter = ";"\n')
    file = tmp_path / "données.csv"
    line = ";".join(ROW.values()).replace(";;", ";Près du café;", 1)
    file.write_bytes(f"{';'.join(ROW)}\r\n{line}\r\n".encode("cp1252"))
    export_rows = read_rows(
        file, translation.columns_to_read(legend), encoding=legend.encoding, delimiter=legend.delimiter
    )
    assert [row.values["words"] for row in export_rows] == ["Près du café"]


@pytest.mark.parametrize(
    ("text", "formats", "instant"),
    [
        ("2023-08-01T00:02:54.000", ("iso",), datetime(2023, 8, 1, 5, 2, 54, tzinfo=UTC)),
        ("2023-12-01T00:02:54", ("iso",), datetime(2023, 12, 1, 6, 2, 54, tzinfo=UTC)),
        ("2023-08-01T00:02:54Z", ("iso",), datetime(2023, 8, 1, 0, 2, 54, tzinfo=UTC)),
        ("08/01/2023 12:02:54 AM", ("iso", "%m/%d/%Y %I:%M:%S %p"), datetime(2023, 8, 1, 5, 2, 54, tzinfo=UTC)),
        ("01/08/2023 02:02 +0200", ("%d/%m/%Y %H:%M %z",), datetime(2023, 8, 1, 0, 2, tzinfo=UTC)),
        ("1690848174", ("epoch",), datetime(2023, 8, 1, 0, 2, 54, tzinfo=UTC)),
        ("1690848174000", ("epoch_ms",), datetime(2023, 8, 1, 0, 2, 54, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_the_mapping_says(text: str, formats: tuple[str, ...], instant: datetime):
    times = mappings.TimeFormats(ZoneInfo("America/Chicago"), formats)
    assert translation.parse_time(text, times, field="created", now=NOW) == instant


def test_history_may_be_moved_by_days(session: Session):
    run(as_csv({}), mapping(MAPPING.replace("[time]", "[time]\nshift_days = 1176")))
    (observation,) = all_observations(session)
    assert observation.received_at == datetime(2023, 8, 2, 3, 30, tzinfo=UTC) + timedelta(days=1176)


# --- Rows that are refused ---


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"number": " "}, "id", "missing"),
        ({"number": "9" * 101}, "id", "too_long"),
        ({"type": "Billing"}, "category", "not_mapped"),
        ({"type": "Never heard of"}, "category", "not_mapped"),
        ({"type": "Encampment"}, "category", "about_people"),
        ({"opened": ""}, "created", "missing"),
        ({"opened": "yesterday"}, "created", "unreadable"),
        ({"opened": "2027-01-01"}, "created", "future"),
        ({"opened": "9998-12-31T23:59:59"}, "created", "future"),
        ({"opened": "9999-12-31T23:59:59"}, "created", "unreadable"),
        ({"opened": "0001-01-01"}, "created", "too_old"),
        ({"opened": "1066-10-14"}, "created", "too_old"),
        ({"ended": "soon"}, "closed", "unreadable"),
        ({"x": ""}, "place", "missing"),
        ({"x": "0", "y": "0.0"}, "place", "missing"),
        ({"x": "west"}, "place", "unreadable"),
        ({"x": "nan"}, "place", "unreadable"),
        ({"y": "91"}, "place", "unreadable"),
        ({"x": "-80"}, "place", "outside"),
        ({"words": "a" * 281}, "text", "too_long"),
        ({"words": "a\x07b"}, "text", "control"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_next_one_comes_in(session: Session, change, field, reason):
    job, refused = run(as_csv({"number": "a"}, change, {"number": "b"}))
    assert refused == [(3, field, reason)]  # the header is line 1
    assert (job.progress.rows, job.progress.imported, job.progress.refusal_counts) == (
        3,
        2,
        Counter({f"{field}.{reason}": 1}),
    )


def test_rows_that_are_no_rows_are_refused_by_their_number(session: Session):
    broken = (
        as_csv({"number": "a"})
        + b"too,few\r\n"
        + b'"'
        + b"x" * 140_000
        + b'",1\r\n'
        + as_csv({"number": "b"}).split(b"\r\n", 1)[1]
    )
    job, refused = run(broken)
    assert job.progress.imported == 2
    assert [(row, reason) for row, _, reason in refused][:1] == [(3, "unreadable")] and {
        reason for *_, reason in refused
    } == {"unreadable"}
    assert run(json.dumps([1, None, [ROW], {}]).encode())[1] == [
        (1, "row", "unreadable"),
        (2, "row", "unreadable"),
        (3, "row", "unreadable"),
        (4, "id", "missing"),
    ]


def test_the_file_of_refusals_has_codes_and_never_words(session: Session, tmp_path: Path):
    job = Import(mapping(), NOW)
    with refusals_file(tmp_path / "refused.csv") as note:
        for _, refusals in job.run(
            rows(as_csv({"number": "=1+1", "words": "secret " * 60}, {"number": "2", "x": "1"}))
        ):
            note(refusals)
    listed = list(csv.reader((tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()))
    assert listed == [list(REFUSALS_HEADER), ["2", "'=1+1", "text", "too_long"], ["3", "2", "place", "outside"]]


@pytest.mark.parametrize("raw", [b"{", b"[1,", b'{"rows": 3}', b"\xff\xfe\x00", b"a,b\r\n1,2\r\n", b""])
def test_a_file_that_is_none_of_these_formats_is_refused_whole(session: Session, raw: bytes):
    with pytest.raises(TableRefused):
        rows(raw)


@pytest.mark.parametrize(
    "raw", [b'[{"x": NaN}]', b'[{"x": -Infinity}]', rb'[{"number": "\ud800"}]', b'["\xff"]', b"[" * 100_000]
)
def test_what_only_looks_like_json_is_refused_whole(session: Session, raw: bytes):
    with pytest.raises(TableRefused, match="begins like JSON and is not"):
        rows(raw)


def test_a_category_that_is_not_there_stops_the_import_before_its_first_row(session: Session):
    for code, message in (("DECHET-9", "did you mean"), ("BIEN-2", "only gives a signpost")):
        with pytest.raises(TableRefused, match=message):
            run(as_csv({}), mapping(MAPPING.replace('"DECHET-1"', f'"{code}"')))
    assert all_observations(session) == []


# --- Again, in batches, stopped, tried ---


def test_twice_is_once(session: Session):
    export = as_csv(*({"number": str(number)} for number in range(5)))
    run(export)
    second_run, refused = run(export)
    assert (second_run.progress.imported, second_run.progress.existing, refused) == (0, 5, [])
    assert len(all_observations(session)) == 5


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_a_number_that_comes_twice_in_one_file_is_taken_once(session: Session, is_dry_run: bool):
    job, _ = run(as_csv({}, {}, {"number": "2"}, {}), batch=2, is_dry_run=is_dry_run)
    assert (job.progress.imported, job.progress.existing) == (2, 2)


def test_a_dry_run_stores_nothing_and_counts_the_same(session: Session):
    export = as_csv(*({"number": str(number), "x": "1" if number == 3 else "-96.8"} for number in range(5)))
    dry_run, refused = run(export, batch=2, is_dry_run=True)
    assert (
        all_observations(session) == []
        and session.scalars(select(Event).where(Event.name == "observation.received")).all() == []
    )
    done, the_same = run(export, batch=2)
    assert (dry_run.progress, refused) == (done.progress, the_same)


def test_what_was_committed_stays_when_it_is_stopped_between_batches(session: Session):
    export = as_csv(*({"number": str(number)} for number in range(6)))
    next(Import(mapping(), NOW).run(rows(export), batch=4))
    assert len(all_observations(session)) == 4
    rest, _ = run(export, batch=4)
    assert (rest.progress.imported, rest.progress.existing, len(all_observations(session))) == (2, 4, 6)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_killed_anywhere_and_started_again_nothing_is_lost_or_doubled(new_database, engine: str, tmp_path: Path):
    url = new_database(engine, "killed_import")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "export.csv").write_bytes(as_csv(*({"number": str(number)} for number in range(160))))
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "wsgi",
        "import-observations",
        "--mapping",
        str(tmp_path / "mapping.toml"),
        "--batch",
        "4",
        "--refused",
        str(tmp_path / "refused.csv"),
        str(tmp_path / "export.csv"),
    ]
    environ = {
        **os.environ,
        "COHAB_ENV": "test",
        "COHAB_SECRET_KEY": "s" * 40,
        "COHAB_CODE_KEY": "c" * 40,
        "COHAB_DATABASE_URL": url,
    }
    app = create_app(settings_for(url))
    with app.app_context():
        for more_than in (0, 40):
            worker = subprocess.Popen(
                command, env=environ, cwd=EXAMPLES.parents[1], stdout=subprocess.DEVNULL, start_new_session=True
            )
            wait_until_more_than(more_than, worker)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        before = count_now()
        assert 40 < before < 160
        last = subprocess.run(command, env=environ, cwd=EXAMPLES.parents[1], capture_output=True, text=True, check=True)
        assert f"160 rows: {160 - before} imported (0 of them closed), {before} already there, 0 refused" in last.stdout
        assert count_now() == 160
        cases = db.session.scalar(select(func.count()).select_from(Case))
        events = db.session.scalar(select(func.count()).select_from(Event).where(Event.name == "observation.received"))
        assert (cases, events) == (160, 160)
        db.session.remove()
        db.engine.dispose()


def count_now() -> int:
    db.session.rollback()
    count = db.session.scalar(select(func.count()).select_from(Observation)) or 0
    db.session.rollback()
    return count


def wait_until_more_than(least: int, worker: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while count_now() <= least:
        assert worker.poll() is None and time.monotonic() < until
        time.sleep(0.02)


# --- What was finished elsewhere ---


def test_what_was_closed_there_is_closed_here_in_somebodys_name(session: Session, cast: Cast):
    export = as_csv(
        {"number": "1"}, {"number": "2", "state": "Closed (Duplicate)", "ended": ""}, {"number": "3", "state": "Open"}
    )
    job, _ = run(export, close_imported=imported.case_closer(mapping(), cast.ana.email))
    closed, doubled, still_open = session.scalars(select(Case).order_by(Case.id)).all()
    assert (closed.state, closed.closing_reason, closed.closed_at) == (
        CaseState.CLOSED,
        ClosingReason.DONE,
        datetime(2023, 8, 3, 15, 0, tzinfo=UTC),
    )
    assert (doubled.closing_reason, doubled.closed_at) == (ClosingReason.ALREADY_FOLLOWED, doubled.opened_at)
    assert still_open.is_open
    assert [link.action.code for link in closed.links if link.decided_by == cast.ana] == ["BER-1"]
    assert [(each.status, each.published_at) for each in all_observations(session)[:2]] == [(Status.DONE, None)] * 2
    assert job.progress.closed == 2


def test_closing_needs_somebody_of_triage_and_an_action_of_the_plan(session: Session, cast: Cast):
    for legend, email, message in (
        (mapping(), cast.lin.email, "nobody of the triage team"),
        (mapping(), "nobody@rivebelle.example", "nobody of the triage team"),
        (mapping(MAPPING.replace('action = "BER-1"', 'action = "NO-1"')), cast.ana.email, "no action of the plan"),
        (mapping(MAPPING.split("[status]", maxsplit=1)[0]), cast.ana.email, "names no state that is closed"),
    ):
        with pytest.raises(TableRefused, match=message):
            imported.case_closer(legend, email)


def test_out_of_the_plan_on_purpose(session: Session, cast: Cast):
    legend = mapping(MAPPING.replace('action = "BER-1"', "out_of_plan = true"))
    run(as_csv({}), legend, close_imported=imported.case_closer(legend, cast.ana.email))
    assert session.scalars(select(Case)).one().is_out_of_plan


# --- The mapping file ---


@pytest.mark.parametrize(
    ("before", "after", "column", "message"),
    [
        ('source = "elsewhere"', "", "source", "missing"),
        ('id = "number"', "", "columns.id", "missing"),
        ('lat = "y"', "", "columns.lon", "go together"),
        ('lat = "y"', "lat = 3", "columns.lat", "text in quotes"),
        ('zone = "America/Chicago"', 'zone = "Atlantis"', "time.zone", "no time zone"),
        ('zone = "America/Chicago"', 'zone = "../etc/passwd"', "time.zone", "no time zone"),
        ('"iso"', '"%Q"', "time.formats", "none of"),
        ('formats = ["iso"', 'formats = [7, "iso"', "time.formats", "list of texts"),
        ("[time]", "[time]\nshift_days = 1.5", "time.shift_days", "whole number"),
        ("[time]", "[time]\nzones = 1", "time.zones", "did you mean 'zone'"),
        ("scale = 0.1", "scale = 0", "shift.scale", "positive"),
        ("to = [-1.25, 47.15]", "to = [-1.25]", "shift.to", "[longitude, latitude]"),
        ("to = [-1.25, 47.15]", "", "shift.from", "go together"),
        ('"Litter" = "DECHET-1"', '"Litter" = 7', "categories.Litter", "OUR-CODE"),
        ('belongings = "no"', 'belongings = "perhaps"', "categories.Dead animal", "unknown, no or yes"),
        ('"about_people"', '"About people"', "refused.Encampment", "short code"),
        ('"Closed" = "done"', '"Closed" = "over"', "status.Closed", "one of done"),
        ('action = "BER-1"', "", "closing.action", "one of the two"),
        ('action = "BER-1"', 'action = "BER-1"\nout_of_plan = true', "closing.action", "one of the two"),
        ("[closing]", '[file]\ndelimiter = "::"\n[closing]', "file.delimiter", "one character"),
        ("[closing]", '[file]\nencoding = "morse"\n[closing]', "file.encoding", "no encoding"),
        ("[closing]", "[extra]\n[closing]", "extra", "nothing of this name"),
        ('source = "elsewhere"', "source = ", "*", "not TOML"),
    ],
)
def test_each_mistake_in_a_mapping_is_named(before: str, after: str, column: str, message: str):
    assert before in MAPPING
    with pytest.raises(TableRefused) as refused:
        mapping(MAPPING.replace(before, after, 1))
    assert any(mistake.column == column and message in mistake.message for mistake in refused.value.mistakes), (
        refused.value
    )


def test_a_mistake_has_its_line():
    with pytest.raises(TableRefused) as refused:
        mapping(MAPPING.replace("scale = 0.1", "scale = 0"))
    assert [mistake.line for mistake in refused.value.mistakes] == [1 + MAPPING.split("\n").index("scale = 0.1")]


def test_the_example_mapping_has_no_mistake_and_takes_no_report_about_people():
    example = mappings.read_mapping(EXAMPLES / "import-dallas.toml")
    assert example.refusal_reasons["Homeless Encampment - OHS"] == "about_people"
    assert not any("homeless" in their_type.lower() for their_type in example.categories)


# --- Whatever comes in ---

words = st.text(max_size=30)
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
values = st.one_of(st.none(), st.booleans(), numbers, words, st.sampled_from(list(ROW.values())))
names = st.sampled_from([*ROW, "properties", "geometry", "id"])
objects = st.dictionaries(names, st.one_of(values, st.dictionaries(words, values)))


@given(raw=st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(as_csv({}).__add__), words.map(str.encode)))
@settings(deadline=None)
def test_any_bytes_are_rows_or_a_refused_file_and_each_row_a_submission_or_a_reason(raw: bytes):
    try:
        export_rows = rows(raw)
    except TableRefused:
        return
    translate_all(export_rows)


@given(data=st.lists(st.one_of(objects, values), max_size=5))
@settings(deadline=None)
def test_any_json_is_rows_and_each_row_a_submission_or_a_reason(data: list[object]):
    translate_all(rows(json.dumps(data).encode()))


@given(changes=st.dictionaries(st.sampled_from(list(ROW)), words))
@settings(deadline=None)
def test_any_text_in_any_column_is_a_submission_or_a_reason(changes: dict[str, str]):
    translate_all([ExportRow(1, {**ROW, **changes})])


@given(text=st.one_of(words, st.text(alphabet='[]{}="\n.abc 1', max_size=60), words.map(MAPPING.__add__)))
@settings(deadline=None)
def test_any_text_is_a_mapping_or_refused(text: str):
    with suppress(TableRefused):
        mapping(text)


def translate_all(export_rows: list[ExportRow]) -> None:
    for row in export_rows:
        with suppress(Invalid):
            translated = translation.translate_row(
                row, mapping(), asking_belongings={"DECHET-1"}, key="k" * 40, zone=ZoneInfo("Europe/Paris"), now=NOW
            )
            assert translated.received_at <= NOW and translated.submission.client_id.version == 4
