"""How numbers and times are written for readers, in their language and in the city's time zone."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, request, url_for
from flask_babel import get_locale, gettext

from cohab_report.clock import now
from cohab_report.web import context
from cohab_report.web.languages import current_language

WORDS_UNTIL = timedelta(days=45)
NBSP = "\u00a0"


def init_app(app: Flask) -> None:
    """Templates can write times, dates and numbers, and the address of another page of the same list."""
    app.jinja_env.filters.update(
        ago=ago, local_time=local_time, local_date=local_date, month=month, number=number, percent=percent
    )
    app.jinja_env.globals.update(page_address=page_address, address_with=address_with)
    app.jinja_env.globals["now"] = now


def ago(at: datetime | None) -> str:
    """How long ago it was, in words (« il y a 2 h »); the date itself once it is more than six weeks old; nothing for None."""
    if at is None:
        return ""
    passed = now() - at
    if passed >= WORDS_UNTIL:
        return local_date(at)
    if timedelta(0) <= passed < timedelta(minutes=1):
        return str(gettext("à l’instant"))
    return format_timedelta(
        -passed, granularity="minute", threshold=1.5, add_direction=True, format="short", locale=_locale()
    )


def local_time(at: datetime | None) -> str:
    """The day and time in the city's zone (« 22 novembre 2026 à 14 h 30 »); nothing for None."""
    if at is None:
        return ""
    return f"{local_date(at)} {'à' if current_language() == 'fr' else 'at'}{NBSP}{clock_time(at)}"


def clock_time(at: datetime) -> str:
    """The time of day in the city's zone: « 14 h 30 », or 2:30 pm in English."""
    there = at.astimezone(context.zone())
    if current_language() == "fr":
        return f"{there.hour}{NBSP}h{NBSP}{there.minute:02d}" if there.minute else f"{there.hour}{NBSP}h"
    return f"{there.hour % 12 or 12}:{there.minute:02d}{NBSP}{'am' if there.hour < 12 else 'pm'}"


def local_date(day: date | datetime | None) -> str:
    """The day (« 22 novembre 2026 »), that of the city's zone when an instant is given; nothing for None."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = day.astimezone(context.zone()).date()
    text = _long_date(day, _locale())
    return (
        text.replace("1 ", "1er ", 1) if current_language() == "fr" and day.day == 1 and text.startswith("1 ") else text
    )


def month(day: date) -> str:
    """The month and its year (« novembre 2026 »)."""
    return format_date(day, format="LLLL y", locale=_locale())


def number(value: float | None, decimals: int = 0) -> str:
    """The number as the reader's language groups it (« 1 840 »); a dash for None."""
    if value is None:
        return "–"
    return _grouped(round(value, decimals), decimals, _locale())


def percent(share: float | None, decimals: int = 0) -> str:
    """A share between 0 and 1 as a percentage (« 35 % »); a dash for None."""
    if share is None:
        return "–"
    return f"{number(share * 100, decimals)}{NBSP + '%' if current_language() == 'fr' else '%'}"


def page_address(number: int | None) -> str | None:
    """The address of another page of the list that is being read, with the same filters; None for no page."""
    if number is None or request.endpoint is None:
        return None
    values: dict[str, Any] = {name: request.args.getlist(name) for name in request.args if name != "page"}
    values |= request.view_args or {}
    if number > 1:
        values["page"] = number
    return url_for(request.endpoint, **values)


def address_with(**changes: str | None) -> str:
    """The address of the list that is being read with some of its filters changed (None: without it), from its first page."""
    values: dict[str, Any] = {
        name: request.args.getlist(name) for name in request.args if name not in {"page", *changes}
    }
    values |= (request.view_args or {}) | {name: value for name, value in changes.items() if value is not None}
    return url_for(request.endpoint or "", **values)


@lru_cache(maxsize=1000)
def _long_date(day: date, locale: str) -> str:
    """Kept: a page of a list writes the same few days over and over, and each costs as much as a small query."""
    return format_date(day, format="long", locale=locale)


@lru_cache(maxsize=10_000)
def _grouped(value: float, decimals: int, locale: str) -> str:
    """Kept for the same reason: the committee's tables hold hundreds of small numbers."""
    return format_decimal(value, format="#,##0." + "0" * decimals if decimals else "#,##0", locale=locale)


def _locale() -> str:
    return str(get_locale() or "fr_CA")
