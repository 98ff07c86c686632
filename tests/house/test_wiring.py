"""Each package says in its `wiring.py` what it gives the app, and nobody else registers anything."""

import ast
import configparser
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

import cohab_report
from cohab_report import create_app, jobs
from tests.conftest import settings_for

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "cohab_report"
GROUND = {"journal", "jobs", "web"}
"""Packages that `create_app` sets up before the river begins."""
REGISTRATIONS = {
    "register_blueprint",
    "add_command",
    "add_action_panel",
    "add_case_panel",
    "add_item",
    "place_within",
    "add_footer_link",
    "provide_check",
    "provide_counter",
    "provide_metric",
    "provide_metrics",
    "schedule",
    "listen_in_transaction",
    "listen_after_commit",
    "provide_fact",
    "provide_event_captions",
}
"""The calls by which something is given to the app."""
FRAME = {"web/fronts.py", "web/health.py", "web/languages.py"}
"""The frame registers its own health pages, check of fronts and choice of language."""
LONGEST_COMMAND = 10
TIMES = {
    "jobs.outbox.relay_unclaimed": 60,
    "cache_stamps.sum_up_stamps": "37 8 * * *",
    "insight.jobs.count_and_publish": 3600,
    "notify.operations.deliver_due_now": 60,
    "intake.photos.jobs.reencode_due_photos_now": 60,
    "intake.photos.jobs.delete_orphan_files_now": 3600,
    "intake.photos.jobs.delete_expired_photos_now": "29 8 * * *",
    "intake.floods.erase_old_network_hashes_now": "17 8 * * *",
    "intake.editions.operations.make_due_edition_now": 600,
    "intake.contacts.expiry.erase_expired_contacts_now": "23 8 * * *",
    "backup.nightly.make_due_backup_now": 3600,
}
"""When each of these recurring jobs runs: every so many seconds, or at a time of day in UTC."""


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application without a database."""
    return create_app(settings_for("sqlite://"))


def river_layers() -> list[set[str]]:
    """Returns the names of each layer of the river that setup.cfg states, from upstream down."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / "setup.cfg")
    layers = contracts["importlinter:contract:river"]["layers"].strip().split("\n")
    return [{name.strip(" ()") for name in layer.split("|")} for layer in reversed(layers)]


def test_every_package_of_the_river_has_its_wiring_and_create_app_calls_it_in_river_order():
    layers = river_layers()
    packages = {name for layer in layers for name in layer if (PACKAGE / name).is_dir()} - GROUND
    assert {package.__name__ for package in cohab_report.RIVER} == {f"cohab_report.{name}.wiring" for name in packages}
    depths = {f"cohab_report.{name}.wiring": depth for depth, layer in enumerate(layers) for name in layer}
    called = [depths[package.__name__] for package in cohab_report.RIVER]
    assert called == sorted(called)


def test_create_app_is_a_table_of_contents():
    assert len((PACKAGE / "__init__.py").read_text().splitlines()) <= 40


def registrations(source: str) -> Iterator[str]:
    """Returns the registering calls of a module, as they are written."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", maxsplit=1)[-1] in REGISTRATIONS:
            yield ast.unparse(node.func)


def test_nothing_is_registered_outside_of_a_wiring():
    offenders = {
        str(path.relative_to(PACKAGE)): found
        for path in PACKAGE.rglob("*.py")
        if path.name != "wiring.py" and str(path.relative_to(PACKAGE)) not in FRAME
        if (found := list(registrations(path.read_text())))
    }
    assert offenders == {}


def test_what_registers_is_recognised():
    source = "app.register_blueprint(bp)\njobs.schedule(app, f, every=1)\nstore.add(bp)\nprovide_fact(app)"
    assert list(registrations(source)) == ["app.register_blueprint", "jobs.schedule", "provide_fact"]


def command_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Returns each function of the commands' modules that is a command, with where it stands."""
    for path in PACKAGE.rglob("*.py"):
        for statement in ast.parse(path.read_text()).body:
            if isinstance(statement, ast.FunctionDef) and any(
                ast.unparse(each).startswith("click.command") for each in statement.decorator_list
            ):
                yield str(path.relative_to(PACKAGE)), statement


def lines_of_body(command: ast.FunctionDef) -> int:
    """Returns how many lines the body of a command has, without its docstring."""
    first, *statements = command.body
    assert isinstance(first, ast.Expr), f"{command.name} says what it does"
    return statements[-1].end_lineno - statements[0].lineno + 1  # type: ignore[operator]


def test_each_command_stands_in_a_module_of_commands_and_is_short():
    found = list(command_functions())
    assert len(found) >= 9
    assert {Path(module).name for module, _command in found} == {"commands.py"}
    long_ones = {command.name: lines_of_body(command) for _module, command in found}
    assert {name: lines for name, lines in long_ones.items() if lines > LONGEST_COMMAND} == {}


def test_each_command_is_given_to_flask(app: Flask):
    registered = {command.callback for command in app.cli.commands.values()}
    names = {f"{callback.__module__}.{callback.__name__}" for callback in registered if callback is not None}
    declared = {f"cohab_report.{module[:-3].replace('/', '.')}.{each.name}" for module, each in command_functions()}
    assert declared <= names


def test_each_scheduled_job_is_found_by_its_dotted_name_as_a_worker_finds_it(app: Flask):
    scheduled = jobs.job_schedule(app)
    for job in scheduled:
        assert getattr(import_module(job.function.__module__), job.function.__name__) is job.function
        assert (job.every is None) != (job.cron is None)


def test_erasing_counting_and_sending_have_their_times(app: Flask):
    times = {
        f"{job.function.__module__}.{job.function.__name__}".removeprefix("cohab_report."): job.every or job.cron
        for job in jobs.job_schedule(app)
    }
    assert {name: times.get(name) for name in TIMES} == TIMES


def test_a_job_without_one_time_is_refused(app: Flask):
    for times in ({}, {"every": 60, "cron": "0 5 * * *"}):
        with pytest.raises(ValueError, match="either every or cron"):
            jobs.schedule(app, jobs.relay_unclaimed, **times)  # type: ignore[arg-type]


def test_the_clock_is_handed_exactly_what_packages_registered(app: Flask):
    script = (
        "import json; import deploy.schedule; from rq import cron;"
        "print(json.dumps([[f'{job[\"func\"].__module__}.{job[\"func\"].__name__}', job['queue_name'],"
        " job['interval'], job['cron']] for job in cron._job_data_registry]))"
    )
    environ = {"COHAB_SECRET_KEY": "s" * 40, "COHAB_CODE_KEY": "c" * 40, "COHAB_DATABASE_URL": "sqlite://"}
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(output) == [
        [f"{job.function.__module__}.{job.function.__name__}", job.queue, job.every, job.cron]
        for job in jobs.job_schedule(app)
    ]


def test_daily_jobs_are_enqueued_at_their_times_in_utc_wherever_the_machine_stands(app: Flask):
    script = (
        "from wsgi import app\nfrom deploy.clock import make_clock\nimport json\n"
        "with app.app_context():\n    print(json.dumps([[job.cron, job.next_enqueue_time.strftime('%M %H')]"
        " for job in make_clock().get_jobs() if job.cron]))"
    )
    environ = {
        "COHAB_SECRET_KEY": "s" * 40,
        "COHAB_CODE_KEY": "c" * 40,
        "COHAB_DATABASE_URL": "sqlite://",
        "TZ": "America/Toronto",
    }
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    ).stdout
    times = json.loads(output)
    assert len(times) >= 4
    for cron, next_time in times:
        minute, hour = next_time.split()
        assert cron.startswith(f"{int(minute)} {int(hour)} ")
