"""Exact confidence intervals of counts and shares: what chance alone could have made of a figure.

Numbers in, intervals out; nothing here reads a row. It refuses approximations where counts are small, and it refuses
causes: an interval says how firmly a number of received observations is known, never what happened in the street. SciPy
is imported by whoever computes: pages, which read what was computed, start without it.
"""

from dataclasses import dataclass
from math import ceil, floor, inf, sqrt

CONFIDENCE = 0.95
UNSURE_ABOVE = 0.25
"""A relative standard error above this is flagged: fewer than 16 observations."""
SMALLEST_BASE = 5
"""No share is stated of fewer observations than this."""


@dataclass(frozen=True)
class Interval:
    """The numbers from low to high, both included."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Says whether the value lies between the two ends."""
        return self.low <= value <= self.high

    def outward(self) -> tuple[int, int]:
        """Rounds the ends to whole numbers, each away from the middle: the interval never looks firmer than it is."""
        return floor(self.low), ceil(self.high)

    def outward_to(self, decimals: int) -> tuple[float, float]:
        """Rounds the ends to so many decimals, each away from the middle."""
        scale = 10**decimals
        # A binary fraction differs from its written number by less than 1e-6: no reason to go one step further.
        return floor(round(self.low * scale, 6)) / scale, ceil(round(self.high * scale, 6)) / scale


def poisson_interval(count: int, confidence: float = CONFIDENCE) -> Interval:
    """Returns the exact interval of the mean of a Poisson count (Garwood, Biometrika 28, 1936, 437-442).

    low = χ²(α/2; 2k)/2 and high = χ²(1 − α/2; 2k + 2)/2 with α = 1 − confidence; low is 0 when the count is 0.
    Raises ValueError for a negative count or a confidence outside (0, 1).
    """
    from scipy.special import gammaincinv

    if count < 0:
        raise ValueError("a count is never negative")
    tail = _tail(confidence)
    low = float(gammaincinv(count, tail)) if count else 0.0
    return Interval(low, float(gammaincinv(count + 1, 1 - tail)))


def share_interval(part: int, whole: int, confidence: float = CONFIDENCE) -> Interval:
    """Returns the exact interval of a binomial share, from 0 to 1 (Clopper and Pearson, Biometrika 26, 1934, 404-413).

    A whole of 0 gives 0 to 1. Raises ValueError unless 0 ≤ part ≤ whole.
    """
    from scipy.special import betaincinv

    if not 0 <= part <= whole:
        raise ValueError("a part lies between none and all")
    tail = _tail(confidence)
    low = float(betaincinv(part, whole - part + 1, tail)) if part else 0.0
    high = float(betaincinv(part + 1, whole - part, 1 - tail)) if part < whole else 1.0
    return Interval(low, high)


def relative_standard_error(count: int) -> float:
    """Returns the standard error of a Poisson count as a part of the count, 1/√n; infinite for none."""
    if count < 0:
        raise ValueError("a count is never negative")
    return 1 / sqrt(count) if count else inf


def is_unsure(count: int) -> bool:
    """Says whether a count is so small that its relative standard error exceeds a quarter."""
    return relative_standard_error(count) > UNSURE_ABOVE


def _tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError("confidence lies strictly between 0 and 1")
    return (1 - confidence) / 2


@dataclass(frozen=True)
class Comparison:
    """The ratio of two rates (a count per day and an earlier one) with its interval."""

    ratio: float
    interval: Interval

    @property
    def shows_more(self) -> bool:
        """Whether chance alone hardly makes such a rise."""
        return self.interval.low > 1

    @property
    def shows_fewer(self) -> bool:
        """Whether chance alone hardly makes such a fall."""
        return self.interval.high < 1


def compare_rates(
    count: int, days: int, earlier: int, earlier_days: int, confidence: float = CONFIDENCE
) -> Comparison | None:
    """Compares two Poisson rates by the exact conditional test: given their sum, the later count is binomial.

    The interval is Clopper and Pearson's for that share, turned into a ratio (Przyborowski and Wilenski, Biometrika 31,
    1940, 313-323). Returns None when one of the counts is below `SMALLEST_BASE`: nothing is said of so few.
    """
    if min(count, earlier) < SMALLEST_BASE:
        return None
    share = share_interval(count, count + earlier, confidence)
    exposure = earlier_days / days
    low, high = (exposure * end / (1 - end) for end in (share.low, share.high))
    return Comparison(exposure * count / earlier, Interval(low, high))
