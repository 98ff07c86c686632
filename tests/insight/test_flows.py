"""How far a number of a circulation may move, and which others move with it, worked out by hand."""

import pytest

from cohab_report.insight.suppression.flows import Augmentation, Circulation, Edge

CIRCLE = [Edge(0, 1, 5), Edge(1, 2, 5), Edge(2, 0, 5)]


def price_list(prices: dict[int, int]):
    """What each edge costs; those that are not named are fixed."""

    def price(edge: int) -> int | None:
        return prices.get(edge)

    return price


@pytest.mark.parametrize(
    ("need", "up", "amount"), [(0, True, 0), (7, True, 7), (4, False, 4), (5, False, 5), (6, False, 5)]
)
def test_it_moves_as_far_as_is_asked_and_shrinks_to_zero_at_most(need, up, amount):
    assert Circulation(CIRCLE).slack(0, {1, 2}, up=up, need=need) == amount


def test_what_is_fixed_on_the_way_lets_nothing_move():
    assert Circulation(CIRCLE).slack(0, {1}, up=True, need=7) == 0
    assert Circulation(CIRCLE).augment(0, price_list({1: 3}), up=True, need=7) == Augmentation(0, frozenset())


def test_the_others_that_move_are_named_without_the_one_itself():
    assert Circulation(CIRCLE).augment(1, price_list({0: 1, 2: 1}), up=True, need=7) == Augmentation(
        7, frozenset({0, 2})
    )


def test_of_two_ways_the_cheaper_moves_though_it_is_longer():
    network = Circulation([Edge(0, 1, 9), Edge(1, 0, 9), Edge(1, 2, 9), Edge(2, 0, 9)])
    assert network.augment(0, price_list({1: 9, 2: 4, 3: 4}), up=True, need=1).other_edges == {2, 3}
    assert network.augment(0, price_list({1: 7, 2: 4, 3: 4}), up=True, need=1).other_edges == {1}


def test_of_two_ways_at_the_same_price_the_shorter_moves_wherever_its_node_stands():
    for middle in (2, 3):
        network = Circulation([Edge(0, 1, 9), Edge(1, middle, 9), Edge(middle, 0, 9), Edge(1, 0, 9)])
        assert network.augment(0, price_list({1: 4, 2: 4, 3: 8}), up=True, need=1).other_edges == {3}
        assert network.augment(0, price_list({1: 0, 2: 0, 3: 0}), up=True, need=1).other_edges == {3}


def test_what_moves_already_costs_nothing_more():
    """Three units are asked for; edge 1 has one, and edge 2 beside it has nine."""
    network = Circulation([Edge(0, 1, 9), Edge(0, 1, 1), Edge(0, 1, 9)])
    moved = network.augment(0, price_list({1: 1, 2: 5}), up=True, need=3)
    assert moved == Augmentation(3, frozenset({1, 2})), "one from the first, then from the second"
    moved = network.augment(0, price_list({1: 5, 2: 1}), up=True, need=3)
    assert moved == Augmentation(3, frozenset({2})), "the second has enough for all"


def test_what_shrinks_may_shrink_to_zero_and_not_below():
    network = Circulation([Edge(0, 1, 5), Edge(0, 1, 3)])
    assert network.slack(0, {1}, up=True, need=3) == 3
    assert network.slack(0, {1}, up=True, need=4) == 3
    empty = Circulation([Edge(0, 1, 5), Edge(0, 1, 0)])
    assert empty.augment(0, price_list({1: 1}), up=True, need=1) == Augmentation(0, frozenset())


def test_the_narrowest_of_those_that_shrink_bounds_a_step():
    network = Circulation([Edge(0, 1, 9), Edge(2, 1, 4), Edge(0, 2, 2), Edge(0, 1, 9)])
    assert network.augment(0, price_list({1: 1, 2: 1}), up=True, need=9).amount == 2
    assert network.augment(0, price_list({1: 1, 2: 1, 3: 50}), up=True, need=9) == Augmentation(9, frozenset({1, 2, 3}))


def test_what_one_step_took_another_may_give_back():
    """The cheapest way grows the edge in the middle, and the second way carries only by putting it back."""
    network = Circulation(
        [
            Edge(0, 1, 9),  # asked to grow: the others lead from 1 back to 0
            Edge(2, 1, 1),
            Edge(2, 3, 0),  # the middle
            Edge(0, 3, 1),
            Edge(3, 1, 1),
            Edge(0, 2, 1),
        ]
    )
    prices = {1: 1, 2: 1, 3: 1, 4: 9, 5: 9}
    assert network.augment(0, price_list(prices), up=True, need=1) == Augmentation(1, frozenset({1, 2, 3}))
    assert network.augment(0, price_list(prices), up=True, need=9) == Augmentation(2, frozenset({1, 2, 3, 4, 5}))


def test_what_shrinks_in_several_steps_shrinks_by_all_of_them():
    """Two ways of two each go on from an edge of three."""
    network = Circulation([Edge(0, 1, 9), Edge(2, 1, 3), Edge(0, 2, 2), Edge(0, 2, 2)])
    assert network.augment(0, price_list({1: 1, 2: 1, 3: 1}), up=True, need=9).amount == 3


def test_who_has_moved_already_is_preferred_to_a_stranger():
    """The second step goes on from edge 1, which is paid for, at 3; edge 4 alone would cost 4."""
    network = Circulation([Edge(0, 1, 9), Edge(2, 1, 9), Edge(0, 2, 1), Edge(0, 2, 9), Edge(0, 1, 9)])
    prices = {1: 2, 2: 1, 3: 3, 4: 4}
    assert network.augment(0, price_list(prices), up=True, need=1).other_edges == {1, 2}
    assert network.augment(0, price_list(prices), up=True, need=2).other_edges == {1, 2, 3}


def test_of_two_that_are_alike_the_first_moves():
    network = Circulation([Edge(0, 1, 9), Edge(0, 1, 9), Edge(0, 1, 9)])
    assert network.augment(0, price_list({1: 4, 2: 4}), up=True, need=3).other_edges == {1}
