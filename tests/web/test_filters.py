"""Template filters: numbers, dates and times in French and English."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask, session

from cohab_report.web import filters
from tests.web.conftest import parse_time

NOON = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def formatted(app: Flask, language: str, name: str, *values: object) -> str:
    with app.test_request_context():
        session["language"] = language
        return str(getattr(filters, name)(*values))


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("name", "values", "fr", "en"),
    [
        ("number", (1840,), "1\u00a0840", "1,840"),
        ("number", (3.14159, 1), "3,1", "3.1"),
        ("number", (None,), "–", "–"),
        ("percent", (0.354,), "35\u00a0%", "35%"),
        ("local_date", (date(2026, 11, 22),), "22 novembre 2026", "November 22, 2026"),
        ("local_date", (date(2026, 7, 1),), "1er juillet 2026", "July 1, 2026"),
        (
            "local_time",
            (parse_time("2026-11-02T19:30:00Z"),),
            "2 novembre 2026 à\u00a014\u00a0h\u00a030",
            "November 2, 2026 at\u00a02:30\u00a0pm",
        ),
        (
            "local_time",
            (parse_time("2026-06-01T03:05:00+00:00"),),
            "31 mai 2026 à\u00a023\u00a0h\u00a005",
            "May 31, 2026 at\u00a011:05\u00a0pm",
        ),
        ("local_time", (None,), "", ""),
        ("month", (date(2026, 8, 9),), "août 2026", "August 2026"),
    ],
)
def test_written_as_people_write_it(
    app: Flask, language: str, name: str, values: tuple[object, ...], fr: str, en: str
) -> None:
    assert formatted(app, language, name, *values) == {"fr": fr, "en": en}[language]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("when", "fr"),
    [
        ("2026-11-22T17:00:00+00:00", "à l’instant"),
        ("2026-11-22T16:20:00+00:00", "il y a 40 min"),
        ("2026-11-22T15:00:00+00:00", "il y a 2 h"),
        ("2026-11-19T15:00:00+00:00", "il y a 3 j"),
        ("2026-08-22T15:00:00+00:00", "22 août 2026"),
        ("2026-11-22T20:00:00+00:00", "dans 3 h"),
    ],
)
def test_how_long_ago_in_words(app: Flask, when: str, fr: str) -> None:
    with time_machine.travel(NOON, tick=False):
        assert formatted(app, "fr", "ago", parse_time(when)).replace("\u00a0", " ").replace("\u202f", " ") == fr


def test_another_page_of_the_list_keeps_its_filters(app: Flask) -> None:
    with app.test_request_context("/open?kind=a&kind=b&page=3"):
        assert filters.page_address(2) == "/open?kind=a&kind=b&page=2"
        assert filters.page_address(1) == "/open?kind=a&kind=b"
        assert filters.page_address(None) is None


def test_a_filter_of_the_list_changes_alone_and_starts_again_at_the_first_page(app: Flask) -> None:
    with app.test_request_context("/open?kind=a&late=yes&page=3"):
        assert filters.address_with(kind="b") == "/open?late=yes&kind=b"
        assert filters.address_with(late=None) == "/open?kind=a"
