"""Intervals equal the published tables and SciPy's own tests, and say what they mean."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, poisson

from cohab_report.insight.intervals import (
    Interval,
    compare_rates,
    is_unsure,
    poisson_interval,
    relative_standard_error,
    share_interval,
)

# Exact 95 % limits of a Poisson count as tabulated since Garwood (1936), rounded as in the tables.
GARWOOD = {
    0: (0.0, 3.689),
    1: (0.0253, 5.572),
    2: (0.2422, 7.225),
    3: (0.6187, 8.767),
    5: (1.6235, 11.668),
    10: (4.7954, 18.390),
    20: (12.217, 30.888),
    50: (37.111, 65.919),
    100: (81.364, 121.627),
}


def ends(interval: Interval) -> tuple[float, float]:
    """Both ends of an interval."""
    return interval.low, interval.high


@pytest.mark.parametrize(("count", "limits"), list(GARWOOD.items()))
def test_poisson_interval_equals_the_published_table(count: int, limits: tuple[float, float]) -> None:
    interval = poisson_interval(count)
    assert ends(interval) == pytest.approx(limits, abs=6e-4)


def test_poisson_interval_at_99_percent_equals_the_published_table() -> None:
    interval = poisson_interval(10, confidence=0.99)
    assert ends(interval) == pytest.approx((3.717, 21.398), abs=6e-4)


@given(st.integers(1, 3_000), st.sampled_from([0.8, 0.95, 0.99]))
def test_poisson_interval_leaves_exactly_half_of_the_risk_on_each_side(count: int, confidence: float) -> None:
    interval = poisson_interval(count, confidence)
    risk = (1 - confidence) / 2
    assert poisson.sf(count - 1, interval.low) == pytest.approx(risk, rel=1e-6)
    assert poisson.cdf(count, interval.high) == pytest.approx(risk, rel=1e-6)


@given(st.integers(1, 400), st.data())
def test_share_interval_equals_scipy(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    interval, theirs = share_interval(part, whole), binomtest(part, whole).proportion_ci(0.95, method="exact")
    assert ends(interval) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@given(st.integers(1, 200), st.data())
def test_share_interval_leaves_half_of_the_risk_on_each_side(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(1, whole))
    interval = share_interval(part, whole)
    assert binom.sf(part - 1, whole, interval.low) == pytest.approx(0.025, rel=1e-6)


def test_share_interval_equals_clopper_and_pearson_by_hand() -> None:
    none, all_of_ten, three = share_interval(0, 10), share_interval(10, 10), share_interval(3, 10)
    assert ends(none) == pytest.approx((0, 1 - 0.025 ** (1 / 10)))
    assert ends(all_of_ten) == pytest.approx((0.025 ** (1 / 10), 1))
    assert ends(three) == pytest.approx((0.0667, 0.6525), abs=5e-5)
    assert share_interval(0, 0) == Interval(0.0, 1.0)


def test_sixteen_observations_are_enough_to_be_sure_within_a_quarter() -> None:
    assert relative_standard_error(16) == 0.25
    assert relative_standard_error(0) == math.inf
    assert [count for count in range(30) if is_unsure(count)] == list(range(16))


def test_whole_ends_never_look_firmer() -> None:
    assert poisson_interval(10).outward() == (4, 19)
    assert poisson_interval(10).contains(10)
    assert not poisson_interval(10).contains(20)


def test_nor_do_ends_with_decimals() -> None:
    none, all_of_them = share_interval(0, 1101), share_interval(1101, 1101)
    assert (none.outward_to(2), all_of_them.outward_to(2)) == ((0.0, 0.01), (0.99, 1.0))
    assert Interval(0.29, 0.57).outward_to(2) == (0.29, 0.57), "what is a whole percent stays one"
    assert Interval(0.9961, 1.2301).outward_to(2) == (0.99, 1.24), (
        "a difference that is not shown is not hidden by rounding"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: poisson_interval(-1),
        lambda: poisson_interval(1, 1.0),
        lambda: share_interval(3, 2),
        lambda: relative_standard_error(-1),
    ],
)
def test_nonsense_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match="never negative|strictly between|none and all"):
        wrong()


@given(st.integers(5, 300), st.integers(5, 300))
def test_a_comparison_shows_a_difference_exactly_when_the_exact_test_does(later: int, earlier: int) -> None:
    comparison = compare_rates(later, 92, earlier, 92)
    assert comparison is not None
    more = binomtest(later, later + earlier, 0.5, alternative="greater").pvalue < 0.025
    fewer = binomtest(later, later + earlier, 0.5, alternative="less").pvalue < 0.025
    assert (comparison.shows_more, comparison.shows_fewer) == (more, fewer)
    assert comparison.interval.contains(comparison.ratio)
    assert comparison.ratio == pytest.approx(later / earlier)


def test_a_comparison_counts_days_and_says_nothing_of_few() -> None:
    comparison = compare_rates(40, 92, 40, 90)
    assert comparison is not None
    assert comparison.ratio == pytest.approx(90 / 92)
    assert compare_rates(4, 92, 40, 90) is None
    assert compare_rates(40, 92, 4, 90) is None
