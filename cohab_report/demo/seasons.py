"""How a year of observations is spread: which months each kind of category is busy in, told from its facts and never from its name.

The rhythms are those that domain notes report: bulky waste around the first of July, sharps when the snow melts, worries in the cold,
people outdoors after mid-April, noon music in July and August, the big clean-up in April, dark corners from October on.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from cohab_report.catalogue.models import Category, Kind, Protection
from cohab_report.partners.models import Purpose

Year = tuple[int, ...]
"""A weight for each month, January first."""
BULKY: Year = (2, 2, 3, 5, 6, 14, 16, 7, 5, 4, 2, 1)
THAW: Year = (2, 4, 12, 14, 8, 5, 5, 5, 5, 4, 3, 2)
COLD: Year = (14, 13, 10, 5, 3, 2, 3, 3, 3, 5, 8, 13)
OUTDOORS: Year = (2, 2, 3, 7, 10, 11, 12, 12, 9, 6, 3, 2)
SUMMER: Year = (3, 2, 3, 5, 8, 10, 16, 16, 8, 5, 3, 5)
CLEAN_UP: Year = (3, 3, 6, 14, 10, 9, 10, 9, 7, 6, 4, 2)
DARK: Year = (11, 9, 7, 4, 3, 2, 2, 4, 7, 11, 13, 13)
SHARE = {Kind.CLEANLINESS: 13, Kind.SAFETY: 9, Kind.CONCERN: 9, Kind.POSITIVE: 11}
"""How often a category of each kind is chosen, against the others."""


def year_of(category: Category) -> Year:
    """The category's rhythm."""
    if category.kind is Kind.POSITIVE:
        return SUMMER
    if category.purpose is Purpose.WELLBEING:
        return COLD
    if category.purpose is Purpose.MEDIATION:
        return OUTDOORS
    if category.purpose is Purpose.SAFETY:
        return DARK
    if category.protection is Protection.NEVER_PUBLIC:
        return THAW
    return BULKY if category.protection is Protection.PUBLIC_CELL else CLEAN_UP


def days_before(
    today: date, *, count: int, earliest: int, latest: int, categories: Sequence[Category], rng: Random
) -> list[tuple[int, Category]]:  # fmt: skip
    """`count` pairs of (days before today, category), the oldest first, none older than `earliest` days nor younger than `latest`."""
    chosen = rng.choices(categories, [SHARE[category.kind] for category in categories], k=count)
    days = range(latest, earliest + 1)
    drawn = []
    for category in chosen:
        year = year_of(category)
        drawn.append((rng.choices(days, [year[(today - timedelta(days=ago)).month - 1] for ago in days])[0], category))
    return sorted(drawn, key=lambda each: (-each[0], each[1].position))
