"""Makes the database ready in one process: tables, the city's profile and, outside production, demo data.

python -m deploy.fill SIGN_INS      what the demo said, sign-ins included, is written to the file SIGN_INS
"""

import sys
import time
from pathlib import Path

from flask import Flask

from cohab_report.settings import Settings


def fill(app: Flask, sign_ins: Path) -> int:
    """Every step is done, or the first that failed has said why on the error stream; returns the exit code."""
    settings: Settings = app.config["SETTINGS"]
    steps = [("Tables", ["db", "upgrade"]), ("City profile", ["load-city"])]
    if not settings.is_production:
        steps.append(("Demo data", ["demo"]))
    told = ""
    for title, words in steps:
        began = time.monotonic()
        print(f"{title}…", end=" ", flush=True)
        with app.app_context():
            done = app.test_cli_runner().invoke(args=words)
        if done.exit_code:
            print(f"flask {' '.join(words)} failed.\n{done.output}{done.exception or ''}", file=sys.stderr)
            return 1
        print(f"{time.monotonic() - began:.1f} s", flush=True)
        told = done.output if title == "Demo data" else told
    sign_ins.write_text(told, encoding="utf-8")
    return 0


if __name__ == "__main__":
    from wsgi import app

    sys.exit(fill(app, Path(sys.argv[1])))
