"""Lighthouse reads the residents’ pages as a slow phone would: `make lighthouse`. One JSON line a page; a missed goal
ends in an error.

Lighthouse comes from the npm registry into instance/, so it is a command of its own and no part of `make test`.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.site import ARGUMENTS, CHROMIUM, PHONE, browser, served
from tests.browser.walk import form_pages

VERSION = "12.8.2"
"""The last one that runs on Node 20."""
TOOLS = Path(__file__).parents[2] / "instance" / "lighthouse"
PAGES = (
    "/",
    "/signaler/",
    "/signaler/lieu",
    "/signaler/categorie",
    "/signaler/questions",
    "/signaler/verifier",
    "/observations",
)
CATEGORIES = {"performance": 95, "accessibility": 100, "best-practices": 100}
SLOWEST_PAINT = 1800
"""Milliseconds until the largest thing is painted, on a phone and a line that Lighthouse slows down."""


def main() -> int:
    """Each page was read and told; returns 1 when any of them misses a goal."""
    logging.disable(logging.INFO)
    program = installed()
    with tempfile.TemporaryDirectory() as temporary, served(f"sqlite:///{temporary}/cohab.db", Path(temporary)) as site:
        headers = Path(temporary) / "headers.json"
        headers.write_text(json.dumps({"Cookie": session_before_sending(site.address)}), encoding="utf-8")
        missed = 0
        for page in PAGES:
            figures = read(program, site.address + page, headers, Path(temporary) / "report.json")
            wrong = misses(figures)
            missed += bool(wrong)
            sys.stdout.write(json.dumps({"page": page, **figures, "missed": wrong}) + "\n")
    return min(missed, 1)


def installed() -> Path:
    """Where Lighthouse is, fetched the first time."""
    program = TOOLS / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("Lighthouse needs Node 20 or later with npm.")
        TOOLS.mkdir(parents=True, exist_ok=True)
        command = [
            npm,
            "install",
            "--prefix",
            str(TOOLS),
            "--no-audit",
            "--no-fund",
            "--silent",
            f"lighthouse@{VERSION}",
        ]
        subprocess.run(command, check=True)
    return program


def session_before_sending(address: str) -> str:
    """The cookie of somebody who stands on the review page: all pages of the form are open to them."""
    with sync_playwright() as playwright:
        opened = browser(playwright)
        page = opened.new_context(viewport=PHONE, base_url=address, locale="fr-CA").new_page()
        for name in form_pages(page):
            if name == "review":
                break
        cookie = page.context.cookies()[0]
        opened.close()
    return f"{cookie['name']}={cookie['value']}"


def read(program: Path, address: str, headers: Path, report: Path) -> dict[str, Any]:
    """The page's scores of 100, its largest paint in milliseconds and its bytes on the line."""
    command = [
        str(program),
        address,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}",
        "--form-factor=mobile",
        "--throttling-method=simulate",
        f"--extra-headers={headers}",
        f"--chrome-flags=--headless {' '.join(ARGUMENTS)}",
    ]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": CHROMIUM})
    found = json.loads(report.read_text(encoding="utf-8"))
    scores = {name: round(100 * (found["categories"][name]["score"] or 0)) for name in CATEGORIES}
    paint, weight = (
        round(found["audits"][name]["numericValue"]) for name in ("largest-contentful-paint", "total-byte-weight")
    )
    return {**scores, "largest_paint_ms": paint, "bytes": weight}


def misses(figures: Mapping[str, Any]) -> list[str]:
    """The goals that these figures miss."""
    low = [name for name, goal in CATEGORIES.items() if figures[name] < goal]
    return [*low, *(["largest_paint_ms"] if figures["largest_paint_ms"] > SLOWEST_PAINT else [])]


if __name__ == "__main__":
    sys.exit(main())
