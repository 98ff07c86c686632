"""Prepares the database in one process: tables, the city's profile and, outside production, demo data.

python -m deploy.database SIGN_INS      writes the demo command's output, sign-ins included, to the file SIGN_INS
"""

import sys
import time
from pathlib import Path

from flask import Flask

from cohab_report.settings import current_settings


def prepare_database(app: Flask, sign_ins: Path) -> int:
    """Runs each step until one fails, which prints why to the error stream; returns the exit code."""
    steps = [("Tables", ["db", "upgrade"]), ("City profile", ["load-city"])]
    if not current_settings(app).is_production:
        steps.append(("Demo data", ["demo"]))
    demo_output = ""
    for title, arguments in steps:
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


if __name__ == "__main__":
    from wsgi import app

    sys.exit(prepare_database(app, Path(sys.argv[1])))
