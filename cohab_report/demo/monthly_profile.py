"""Monthly profiles of demo observations: how a year's observations of a category spread over the months.

A profile follows from a category's purpose and protection, never from its name. The patterns are those of the domain
notes: bulky waste around 1 July, sharps when the snow melts, worries in the cold, people outdoors after mid-April, noon
music in July and August, the big clean-up in April, dark corners from October on.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from cohab_report.catalogue.models import Category, Kind, Protection
from cohab_report.partners.models import Purpose

MonthlyProfile = tuple[int, ...]
"""A weight for each month, January first."""
BULKY_WASTE: MonthlyProfile = (2, 2, 3, 5, 6, 14, 16, 7, 5, 4, 2, 1)
SNOW_MELT: MonthlyProfile = (2, 4, 12, 14, 8, 5, 5, 5, 5, 4, 3, 2)
COLD_MONTHS: MonthlyProfile = (14, 13, 10, 5, 3, 2, 3, 3, 3, 5, 8, 13)
WARM_MONTHS: MonthlyProfile = (2, 2, 3, 7, 10, 11, 12, 12, 9, 6, 3, 2)
SUMMER_EVENTS: MonthlyProfile = (3, 2, 3, 5, 8, 10, 16, 16, 8, 5, 3, 5)
SPRING_CLEANING: MonthlyProfile = (3, 3, 6, 14, 10, 9, 10, 9, 7, 6, 4, 2)
DARK_EVENINGS: MonthlyProfile = (11, 9, 7, 4, 3, 2, 2, 4, 7, 11, 13, 13)
KIND_WEIGHTS = {Kind.CLEANLINESS: 13, Kind.SAFETY: 9, Kind.CONCERN: 9, Kind.POSITIVE: 11}
"""Relative frequency of a category of each kind."""


def monthly_profile_of(category: Category) -> MonthlyProfile:
    """Returns the monthly profile of a category."""
    if category.kind is Kind.POSITIVE:
        return SUMMER_EVENTS
    if category.purpose is Purpose.WELLBEING:
        return COLD_MONTHS
    if category.purpose is Purpose.MEDIATION:
        return WARM_MONTHS
    if category.purpose is Purpose.SAFETY:
        return DARK_EVENINGS
    if category.protection is Protection.NEVER_PUBLIC:
        return SNOW_MELT
    return BULKY_WASTE if category.protection is Protection.PUBLIC_CELL else SPRING_CLEANING


def draw_days(
    today: date, *, count: int, earliest: int, latest: int, categories: Sequence[Category], rng: Random
) -> list[tuple[int, Category]]:
    """Draws `count` pairs of (days before today, category), the oldest first, between `earliest` and `latest` days
    ago.
    """
    drawn_categories = rng.choices(categories, [KIND_WEIGHTS[category.kind] for category in categories], k=count)
    days = range(latest, earliest + 1)
    draws = []
    for category in drawn_categories:
        profile = monthly_profile_of(category)
        weights = [profile[(today - timedelta(days=ago)).month - 1] for ago in days]
        draws.append((rng.choices(days, weights)[0], category))
    return sorted(draws, key=lambda draw: (-draw[0], draw[1].position))
