"""What an observation must be, and what of it may be public: each limit from both sides, without a database."""

from dataclasses import dataclass, field
from datetime import timedelta
from math import cos, radians
from types import SimpleNamespace as Row
from typing import Any
from uuid import UUID, uuid1, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cohab_report.catalogue.models import Priority, Protection
from cohab_report.errors import Invalid
from cohab_report.geo import Lattice, Point
from cohab_report.intake import rules
from cohab_report.intake.models import LONGEST_LANDMARK, LONGEST_TEXT, Belongings, Channel, Precision
from tests.factories import BANK, MONDAY, submission

TODAY = MONDAY.date()
A_DAY = timedelta(days=1)
LATTICE = Lattice(0.002, 0.0014)
BOTTLES = ("no", "yes")


@dataclass(frozen=True)
class Asking:
    """A question of a category, as the rules read it."""

    code: str = "verre"
    is_required: bool = False
    option_codes: tuple[str, ...] = BOTTLES
    raises: dict[str, int] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)


def category(**changes: Any) -> Any:
    known = {
        "protection": Protection.PUBLIC_EXACT,
        "priority": Priority.P3,
        "asks_belongings": False,
        "opens_the_form": True,
    }
    return Row(**{**known, **changes})


def why_refused(*questions: Asking, of: Any = None, **changes: Any) -> tuple[str, str] | None:
    """The field and the reason for which a submission is refused, or None for one that can be received."""
    try:
        rules.refuse_impossible(
            submission(observed_on=changes.pop("observed_on", TODAY), **changes),
            of or category(),
            questions,
            today=TODAY,
        )
    except Invalid as refused:
        return refused.field, refused.reason
    return None


def test_what_was_seen_today_is_received_and_what_will_be_seen_tomorrow_is_not():
    assert why_refused(observed_on=TODAY) is None
    assert why_refused(observed_on=TODAY + A_DAY) == ("observed_on", "future")


def test_ninety_days_are_not_too_long_ago_and_ninety_one_are():
    assert why_refused(observed_on=TODAY - 90 * A_DAY) is None
    assert why_refused(observed_on=TODAY - 91 * A_DAY) == ("observed_on", "too_old")


@pytest.mark.parametrize("channel", list(Channel))
def test_only_a_table_of_old_observations_may_bring_older_ones(channel: Channel):
    may = channel is Channel.IMPORT
    assert why_refused(observed_on=TODAY - 91 * A_DAY, channel=channel) == (None if may else ("observed_on", "too_old"))
    assert why_refused(observed_on=TODAY + A_DAY, channel=channel) == ("observed_on", "future"), (
        "nobody has seen tomorrow"
    )


@pytest.mark.parametrize(("made", "reason"), [(uuid4(), None), (uuid1(), "version"), (UUID(int=0), "version")])
def test_a_client_id_is_a_random_one(made: UUID, reason: str | None):
    assert why_refused(client_id=made) == (reason and ("client_id", reason))


def test_a_category_that_only_says_whom_to_turn_to_takes_no_observation():
    assert why_refused(of=category(opens_the_form=False)) == ("category", "signpost_only")


def test_a_text_is_as_long_as_it_may_be_and_no_longer():
    assert why_refused(text="x" * LONGEST_TEXT) is None
    assert why_refused(text="x" * (LONGEST_TEXT + 1)) == ("text", "too_long")


def test_a_landmark_is_as_long_as_it_may_be_and_no_longer():
    assert why_refused(landmark="x" * LONGEST_LANDMARK) is None
    assert why_refused(landmark="x" * (LONGEST_LANDMARK + 1)) == ("landmark", "unreadable")


@pytest.mark.parametrize("code", [*range(33), 0x7F, 0x85, 0xA0])
def test_a_text_has_lines_and_tabs_and_no_other_sign_that_steers_a_terminal(code: int):
    steers = code < 32
    refused = ("text", "control") if steers and chr(code) not in "\n\t\r" else None
    assert why_refused(text=f"avant{chr(code)}après") == refused
    assert why_refused(landmark=f"avant{chr(code)}après") == (("landmark", "unreadable") if steers else None), (
        "one line"
    )


@pytest.mark.parametrize("answer", list(Belongings))
def test_who_is_asked_about_belongings_says_something(answer: Belongings):
    missing = ("belongings", "missing") if answer is Belongings.NOT_ASKED else None
    assert why_refused(of=category(asks_belongings=True), belongings=answer) == missing
    assert why_refused(of=category(asks_belongings=False), belongings=answer) is None


def test_an_answer_is_one_of_those_that_its_question_offers():
    assert why_refused(Asking(), answers={"verre": "yes"}) is None
    assert why_refused(Asking(), answers={"verre": "perhaps"}) == ("answers", "unknown")
    assert why_refused(Asking(), answers={"bois": "yes"}) == ("answers", "unknown")
    assert why_refused(answers={"verre": "yes"}) == ("answers", "unknown"), "nothing was asked"


def test_an_answer_that_is_an_emergency_is_sent_to_whom_one_calls_and_the_other_answer_is_received():
    danger = Asking("danger", blocks={"yes": "A"})
    assert why_refused(danger, answers={"danger": "yes"}) == ("answers", "emergency")
    assert why_refused(danger, answers={"danger": "no"}) is None
    assert why_refused(Asking(), danger, answers={"verre": "yes", "danger": "yes"}) == ("answers", "emergency")


def test_what_must_be_answered_is_and_what_may_be_left_out_may_be():
    must, may = Asking("danger", is_required=True), Asking()
    assert why_refused(must, may, answers={"danger": "no"}) is None
    assert why_refused(must, may, answers={"verre": "no"}) == ("answers", "missing")
    assert why_refused(may, must, answers=None) == ("answers", "missing")
    assert why_refused(may, answers=None) is None


@pytest.mark.parametrize("protection", list(Protection))
@pytest.mark.parametrize("joins", ["", "ABCDEFG"])
@pytest.mark.parametrize("channel", [Channel.WEB, Channel.IMPORT])
def test_who_says_the_same_as_what_is_public_is_not_asked_again(protection: Protection, joins: str, channel: Channel):
    must = Asking(is_required=True)
    lenient = channel is Channel.IMPORT or (bool(joins) and protection is not Protection.NEVER_PUBLIC)
    found = why_refused(must, of=category(protection=protection), joins=joins, channel=channel, answers={})
    assert found == (None if lenient else ("answers", "missing"))
    unknown = why_refused(
        must, of=category(protection=protection), joins=joins, channel=channel, answers={"verre": "?"}
    )
    assert unknown == ("answers", "unknown"), "what is answered is read all the same"


@pytest.mark.parametrize("of", list(Protection))
@pytest.mark.parametrize("belongings", list(Belongings))
@pytest.mark.parametrize("near", [False, True])
def test_guard_rails_1_and_5_from_its_first_moment(of: Protection, belongings: Belongings, near: bool):
    found = rules.protection_of(category(protection=of), belongings, near_protected=near)
    assert found >= of, "never weaker than its category"
    in_use = belongings in {Belongings.YES, Belongings.UNKNOWN}
    assert found is (Protection.NEVER_PUBLIC if in_use else max(of, Protection.PUBLIC_CELL if near else of))


def test_a_hazard_raises_the_priority_and_a_lesser_one_does_not_lower_it():
    glass, fire = Asking("verre", raises={"yes": 2}), Asking("feu", raises={"yes": 1, "no": 5})

    def priority(**answers: str) -> Priority:
        return rules.priority_of(category(priority=Priority.P3), answers, [glass, fire])

    assert priority() is Priority.P3
    assert priority(verre="no") is Priority.P3
    assert priority(verre="yes") is Priority.P2
    assert priority(feu="no") is Priority.P3, "five is later than three"
    assert priority(verre="yes", feu="yes") is priority(feu="yes", verre="no") is Priority.P1
    assert rules.priority_of(category(priority=Priority.P1), {"verre": "yes"}, [glass]) is Priority.P1


def test_the_public_point_of_a_named_place_is_its_own_with_five_decimals_and_not_six():
    place = Point(-1.2512345678, 47.1553987654)
    told = rules.public_part(Protection.PUBLIC_EXACT, place, LATTICE, of_the_city=True)
    assert told == rules.PublicPart(Point(-1.25123, 47.1554), LATTICE.cell(place))


@pytest.mark.parametrize(
    ("precision", "point", "is_the_citys"),
    [
        (Precision.POINT, BANK, False),
        (Precision.PLACE, None, True),
        (Precision.PLACE, BANK, False),
        (Precision.ABOUT, BANK, True),
    ],
)
def test_only_what_the_city_publishes_itself_is_told_to_the_metre(precision, point, is_the_citys):
    sent = submission(precision=precision, point=point, place="" if point else "halle")
    assert rules.is_of_the_city(sent) is is_the_citys


def test_a_cell_is_told_by_its_centre_and_what_is_never_public_by_nothing():
    cell = LATTICE.cell(BANK)
    square = LATTICE.square_centre(BANK, rules.SQUARE_METRES)
    assert rules.public_part(Protection.PUBLIC_EXACT, BANK, LATTICE) == rules.PublicPart(square, cell)
    assert rules.public_part(Protection.PUBLIC_CELL, BANK, LATTICE) == rules.PublicPart(LATTICE.centre(cell), cell)
    assert rules.public_part(Protection.NEVER_PUBLIC, BANK, LATTICE) == rules.PublicPart(None, None)


anywhere = st.builds(Point, st.floats(-179, 179), st.floats(-85, 85))


in_cities = st.builds(Point, st.floats(-179, 179), st.floats(-72, 72))


@given(point=in_cities)
def test_a_pin_is_told_by_a_point_of_its_surroundings_and_in_its_cell(point: Point):
    told = rules.public_part(Protection.PUBLIC_EXACT, point, LATTICE)
    assert told.point is not None and told.cell == LATTICE.cell(point) == LATTICE.cell(told.point)
    assert told.point.metres_to(point) < rules.SQUARE_METRES * 1.3


@given(point=in_cities, east=st.floats(-0.49, 0.49), north=st.floats(-0.49, 0.49))
def test_of_a_pin_nothing_is_told_that_the_other_pins_of_its_square_would_not_tell(
    point: Point, east: float, north: float
):
    told = rules.public_part(Protection.PUBLIC_EXACT, point, LATTICE)
    assert told.point is not None
    width = LATTICE.dlon / round(LATTICE.dlon * 111_320 * cos(radians(told.point.lat)) / rules.SQUARE_METRES)
    height = LATTICE.dlat / round(LATTICE.dlat * 111_320 / rules.SQUARE_METRES)
    other = Point(told.point.lon + east * width, told.point.lat + north * height)
    assert rules.public_part(Protection.PUBLIC_EXACT, other, LATTICE) == told


@given(point=in_cities)
def test_sending_a_pin_again_and_again_tells_no_more(point: Point):
    told = {rules.public_part(Protection.PUBLIC_EXACT, point, LATTICE) for _ in range(20)}
    again = rules.public_part(Protection.PUBLIC_EXACT, next(iter(told)).point or point, LATTICE)
    assert told == {again}, "nothing averages out, and what is told is a fixed point"


@given(point=anywhere, east=st.floats(0.001, 0.999), north=st.floats(0.001, 0.999))
def test_of_a_cell_nothing_is_told_that_its_other_points_would_not_tell(point: Point, east: float, north: float):
    middle = LATTICE.centre(LATTICE.cell(point))
    other = Point(middle.lon + (east - 0.5) * LATTICE.dlon, middle.lat + (north - 0.5) * LATTICE.dlat)
    assume(LATTICE.cell(other) == LATTICE.cell(point))
    one, another = (rules.public_part(Protection.PUBLIC_CELL, each, LATTICE) for each in (point, other))
    assert one == another


@given(
    point=anywhere,
    of=st.sampled_from(Protection),
    belongings=st.sampled_from(Belongings),
    near=st.booleans(),
)
def test_the_exact_point_is_public_only_where_category_belongings_and_surroundings_all_allow_it(
    point: Point, of: Protection, belongings: Belongings, near: bool
):
    protection = rules.protection_of(category(protection=of), belongings, near_protected=near)
    part = rules.public_part(protection, point, LATTICE)
    if near or of is not Protection.PUBLIC_EXACT:
        assert part.point in {None, LATTICE.centre(LATTICE.cell(point))}
    if of is Protection.NEVER_PUBLIC or belongings in {Belongings.YES, Belongings.UNKNOWN}:
        assert part == rules.PublicPart(None, None)
