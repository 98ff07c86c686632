"""Prepares the database in one process: tables, the city's profile and, outside production, demo data.

No demo data goes into a database with accounts or observations that no demo made, whatever the settings say.

python -m deploy.database SIGN_INS      writes the demo command's output, sign-ins included, to the file SIGN_INS
"""

import sys
import time
from pathlib import Path

from flask import Flask

from cohab_report.demo.queries import holds_real_data
from cohab_report.settings import current_settings


def prepare_database(app: Flask, sign_ins: Path) -> int:
    """Runs each step until one fails, which prints why to the error stream; returns the exit code."""
    demo_output = ""
    for title, arguments in (("Tables", ["db", "upgrade"]), ("City profile", ["load-city"]), ("Demo data", ["demo"])):
        if title == "Demo data" and not _may_have_demo_data(app):
            print("No demo data: this database is a city's own. `flask create-person` makes accounts.", flush=True)
            break
        started = time.monotonic()
        print(f"{title}…", end=" ", flush=True)
        with app.app_context():
            result = app.test_cli_runner().invoke(args=arguments)
        if result.exit_code:
            print(f"flask {' '.join(arguments)} failed.\n{result.output}{result.exception or ''}", file=sys.stderr)
            return 1
        print(f"{time.monotonic() - started:.1f} s", flush=True)
        demo_output = result.output if title == "Demo data" else demo_output
    sign_ins.write_text(demo_output, encoding="utf-8")
    return 0


def _may_have_demo_data(app: Flask) -> bool:
    if current_settings(app).is_production:
        return False
    with app.app_context():
        return not holds_real_data()


if __name__ == "__main__":
    from wsgi import app

    sys.exit(prepare_database(app, Path(sys.argv[1])))
