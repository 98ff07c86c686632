"""Prepares the database in one process: tables, the city's profile and, outside production, demo data.

No demo data goes into a database with accounts or observations that no demo made, whatever the settings say; nor does
the profile of such a city change here without a question.

python -m deploy.database SIGN_INS      writes the demo command's output, sign-ins included, to the file SIGN_INS
"""

import sys
import time
from pathlib import Path

from flask import Flask

from cohab_report.cities.commands import NOT_AGREED
from cohab_report.demo.queries import has_active_demo_people, holds_real_data
from cohab_report.settings import current_settings


def prepare_database(app: Flask, sign_ins: Path) -> int:
    """Runs each step until one fails, which prints why to the error stream; returns the exit code."""
    demo_output = ""
    try:
        _run_step(app, "Tables", ["db", "upgrade"])
        _run_step(app, "City profile", ["load-city", *(["--yes"] if _is_demo(app) else [])])
        if _may_have_demo_data(app):
            demo_output = _run_step(app, "Demo data", ["demo"])
        else:
            print("No demo data: this database is a city's own. `flask create-person` makes accounts.", flush=True)
    except _StepFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    sign_ins.write_text(demo_output, encoding="utf-8")
    return 0


class _StepFailed(Exception):
    """A step's command failed, with what it printed."""


def _run_step(app: Flask, title: str, arguments: list[str]) -> str:
    """Runs a command, prints how long it took, and returns its output; a profile that needs a yes is not loaded."""
    started = time.monotonic()
    print(f"{title}…", end=" ", flush=True)
    with app.app_context():
        result = app.test_cli_runner().invoke(args=arguments)
    if result.exit_code == NOT_AGREED and arguments[0] == "load-city":
        print(f"left as it is.\n{result.output}", flush=True)
    elif result.exit_code:
        raise _StepFailed(f"flask {' '.join(arguments)} failed.\n{result.output}{result.exception or ''}")
    else:
        print(f"{time.monotonic() - started:.1f} s", flush=True)
    return result.output


def _is_demo(app: Flask) -> bool:
    """Returns whether the city is a demo of this machine, which follows the program's own profile."""
    with app.app_context():
        return not current_settings(app).is_production and has_active_demo_people()


def _may_have_demo_data(app: Flask) -> bool:
    if current_settings(app).is_production:
        return False
    with app.app_context():
        return not holds_real_data()


if __name__ == "__main__":
    from wsgi import app

    sys.exit(prepare_database(app, Path(sys.argv[1])))
