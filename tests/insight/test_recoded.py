"""What the team makes of an observation moves no share: across purposes, figures count what was sent."""

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from sqlalchemy import select

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Kind
from cohab_report.insight import operations, queries
from cohab_report.insight.models import Audience
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.publishing.quarter_tables import from_json
from cohab_report.insight.quarters import Quarter
from cohab_report.triage import operations as triage
from cohab_report.triage import rules
from cohab_report.triage.models import Case
from tests import factories

AUGUST, COUNTED = datetime(2026, 8, 10, 15, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC)
SUMMER = Quarter(2026, 3)


def recode(case: Case, code: str, by) -> None:
    category = catalogue.category_or_refuse(code)
    triage.recode(case, category, reason="Plus juste ainsi", is_confirmed=True, by=by, at=AUGUST)


def counts() -> Counter[tuple[str, str]]:
    """Recounts; returns the observations of the summer by kind and category."""
    operations.recount_months(at=COUNTED)
    codes = {category.id: category.code for category in catalogue.categories()}
    found: Counter[tuple[str, str]] = Counter()
    for count in queries.monthly_counts(SUMMER.first_day, SUMMER.next.first_day):
        found[count.kind.value, codes[count.category_id]] += count.observations
    return found


def positive_share(audience: Audience) -> Fraction | None:
    """Returns the share of positive observations that this audience reads of the summer."""
    publishing.forget_publications()
    publishing.publish_quarters(at=COUNTED)
    (publication,) = published.publications(audience, [SUMMER]).values()
    share = from_json(SUMMER, publication.content).months.totals.positive_share
    return Fraction(share[0]).limit_denominator(1000) if share else None


def test_recoding_dirt_to_a_thank_you_raises_no_share(session, cast):
    dirt = [factories.case("DECHET-1", at=AUGUST) for _number in range(30)]
    for _number in range(20):
        factories.case("BIEN-1", at=AUGUST)
    before = counts()
    session.commit()
    shares = {audience: positive_share(audience) for audience in Audience}
    assert shares == dict.fromkeys(Audience, Fraction(2, 5))
    for case in dirt[:15]:
        recode(case, "BIEN-1", cast.ana)
    assert counts() == before
    session.commit()
    assert {audience: positive_share(audience) for audience in shares} == shares


def test_merging_what_was_recoded_into_a_real_thank_you_raises_none_either(session, cast):
    thanks = factories.case("BIEN-1", at=AUGUST)
    dirt = factories.case("DECHET-1", at=AUGUST)
    before = counts()
    recode(dirt, "BIEN-1", cast.ana)
    triage.merge(dirt, into=thanks, by=cast.ana, at=AUGUST)
    assert counts() == before


def test_links_to_the_plan_count_what_was_sent(session, cast):
    case = factories.accepted_case(cast.ana, "DECHET-1", at=AUGUST)
    recode(case, "BIEN-1", cast.ana)
    counts()
    (count,) = queries.action_quarter_counts(SUMMER)
    assert (count.kind, count.observations) == (Kind.CLEANLINESS, 1)


def test_within_one_purpose_the_team_s_judgement_counts(session, cast):
    case = factories.case("DECHET-1", at=AUGUST)
    recode(case, "DECHET-3", cast.ana)
    assert counts() == {("cleanliness", "DECHET-3"): 1}


def test_what_turns_out_to_be_a_worry_about_someone_is_in_no_other_figure(session, cast):
    case = factories.case("LIEU-2", at=AUGUST)
    recode(case, "SOUCI", cast.ana)
    assert counts() == {("concern", "SOUCI"): 1}


def test_the_query_counts_as_the_rule_says_for_every_pair_of_categories(session, cast):
    categories = session.scalars(select(Category).where(Category.queue_code != "")).all()
    expected: Counter[tuple[str, str]] = Counter()
    for sent in categories:
        for after in categories:
            case = factories.case(sent.code, at=AUGUST)
            case.category, case.kind = after, after.kind
            counted = rules.counted_category(sent, after)
            expected[counted.kind.value, counted.code] += 1
    assert counts() == expected
    pairs = [(sent, after) for sent in categories for after in categories]
    assert all(
        rules.counted_category(sent, after).kind is sent.kind or sent.kind is not Kind.POSITIVE
        for sent, after in pairs
        if after.kind is not Kind.CONCERN
    )


@pytest.mark.parametrize("code", ["DECHET-1", "BIEN-1"])
def test_a_category_whose_kind_was_changed_is_counted_again(session, cast, code):
    factories.case(code, at=AUGUST)
    counts()
    catalogue.category_or_refuse(code).kind = Kind.SAFETY
    session.flush()
    factories.case(code, at=AUGUST)
    assert counts() == {("safety", code): 2}
