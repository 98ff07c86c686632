"""Template filters: formats dates, times and numbers in the page's language and the city's time zone."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, request, url_for
from flask_babel import get_locale, gettext

from cohab_report.clock import now
from cohab_report.web import context
from cohab_report.web.languages import current_language

RELATIVE_LIMIT = timedelta(days=45)
NBSP = "\u00a0"


def init_app(app: Flask) -> None:
    """Registers the filters, and the functions for addresses of the same list, with the templates."""
    app.jinja_env.filters.update(
        ago=ago, local_time=local_time, local_date=local_date, month=month, number=number, percent=percent
    )
    app.jinja_env.globals.update(page_address=page_address, address_with=address_with)
    app.jinja_env.globals["now"] = now


def ago(at: datetime | None) -> str:
    """Formats how long ago it was (« il y a 2 h »); the date once it is more than six weeks ago; "" for None."""
    if at is None:
        return ""
    elapsed = now() - at
    if elapsed >= RELATIVE_LIMIT:
        return local_date(at)
    if timedelta(0) <= elapsed < timedelta(minutes=1):
        return str(gettext("à l’instant"))
    return format_timedelta(
        -elapsed, granularity="minute", threshold=1.5, add_direction=True, format="short", locale=_locale()
    )


def local_time(at: datetime | None) -> str:
    """Formats date and time in the city's zone (« 22 novembre 2026 à 14 h 30 »); "" for None."""
    if at is None:
        return ""
    return f"{local_date(at)} {'à' if current_language() == 'fr' else 'at'}{NBSP}{clock_time(at)}"


def clock_time(at: datetime) -> str:
    """Formats the time of day in the city's zone: « 14 h 30 », or 2:30 pm in English."""
    local = at.astimezone(context.city_time_zone())
    if current_language() == "fr":
        return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}" if local.minute else f"{local.hour}{NBSP}h"
    return f"{local.hour % 12 or 12}:{local.minute:02d}{NBSP}{'am' if local.hour < 12 else 'pm'}"


def local_date(day: date | datetime | None) -> str:
    """Formats a date (« 22 novembre 2026 »), or the date of a datetime in the city's zone; "" for None."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = day.astimezone(context.city_time_zone()).date()
    text = _long_date(day, _locale())
    return (
        text.replace("1 ", "1er ", 1) if current_language() == "fr" and day.day == 1 and text.startswith("1 ") else text
    )


def month(day: date) -> str:
    """Formats the month and its year (« novembre 2026 »)."""
    return format_date(day, format="LLLL y", locale=_locale())


def number(value: float | None, decimals: int = 0) -> str:
    """Formats a number, grouped as in the page's language (« 1 840 »); a dash for None."""
    if value is None:
        return "–"
    return _format_number(round(value, decimals), decimals, _locale())


def percent(share: float | None, decimals: int = 0) -> str:
    """Formats a share between 0 and 1 as a percentage (« 35 % »); a dash for None."""
    if share is None:
        return "–"
    return f"{number(share * 100, decimals)}{NBSP + '%' if current_language() == 'fr' else '%'}"


def page_address(number: int | None) -> str | None:
    """Returns the address of another page of the current list, with the same filters; None for no page."""
    if number is None or request.endpoint is None:
        return None
    return _address_of_this_page({"page": str(number) if number > 1 else None})


def address_with(**changes: str | None) -> str:
    """Returns the address of the current list's first page with some filters changed (None: removed)."""
    return _address_of_this_page({"page": None, **changes})


def _address_of_this_page(changes: Mapping[str, str | None]) -> str:
    """Returns this page's address with its query, in which these parameters are changed or (None) left out.

    The query never goes through `url_for`, to which names such as `_scheme` or `endpoint` mean something.
    """
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    query += [(name, value) for name, value in changes.items() if value is not None]
    address = url_for(request.endpoint or "", **(request.view_args or {}))
    return f"{address}?{urlencode(query)}" if query else address


@lru_cache(maxsize=1000)
def _long_date(day: date, locale: str) -> str:
    """Formats a date; cached, because a list repeats the same few days, and each costs as much as a small query."""
    return format_date(day, format="long", locale=locale)


@lru_cache(maxsize=10_000)
def _format_number(value: float, decimals: int, locale: str) -> str:
    """Formats a number; cached, because the committee's tables hold hundreds of small numbers."""
    return format_decimal(value, format="#,##0." + "0" * decimals if decimals else "#,##0", locale=locale)


def _locale() -> str:
    return str(get_locale() or "fr_CA")
