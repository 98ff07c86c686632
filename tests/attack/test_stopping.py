"""Nobody stops the site: whatever an attacker tries, pages with emergency numbers open and residents get receipts."""

from collections.abc import Callable, Iterator

import pytest

from deploy.supervision import WEB_WORKERS
from tests.attack import stopping as attack


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def attacked(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[attack.Target]:
    """The real web server with its queue server."""
    with attack.target(new_database(request.param, "attacked")) as target:
        yield target


def test_long_values_are_refused_and_pages_open_meanwhile(attacked: attack.Target) -> None:
    for name, figures in attack.post_long_values(attacked):
        assert figures["statuses"] in ([413], [422]), name


def test_slow_senders_hold_up_nobody(attacked: attack.Target) -> None:
    figures = attack.send_slowly(attacked, connections=64)
    assert (figures["lines"], figures["receipt"]) == (64, True)


def test_a_frozen_queue_server_holds_up_nobody_and_is_named(attacked: attack.Target) -> None:
    figures = attack.freeze_queue_server(attacked)
    assert (figures["receipt"], figures["readyz"]) == (True, 200)


def test_passwords_tried_by_the_dozen_cost_no_resident_a_receipt(attacked: attack.Target) -> None:
    figures = attack.try_passwords(attacked, networks=12)
    assert (figures["statuses"], figures["receipt"]) == ({"422": 12}, True)


def test_wrong_passwords_lock_nobody_out_of_an_account(attacked: attack.Target) -> None:
    figures = attack.lock_account(attacked, posts=20)
    # Each web process counts by itself for a while after the queue server was frozen.
    assert int(str(figures["stopped_after"])) in range(8, 8 * WEB_WORKERS + 1)
    assert figures["owner_signs_in"] is True
