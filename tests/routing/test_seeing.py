"""How finely a partner may see where a never-public case is."""

from types import SimpleNamespace as Row
from typing import Any, cast

import pytest

from cohab_report.catalogue.models import Grain, Protection
from cohab_report.partners.models import HiddenPoint, Purpose
from cohab_report.routing import seeing
from tests.routing.test_suggesting import partner


def case(**changes: Any) -> Any:
    category = Row(code="SOUCI", purpose=Purpose.WELLBEING, near_protected=Grain.CELL)
    known = {"category": category, "works_are_locked": False, "protection": Protection.NEVER_PUBLIC, "observations": []}
    return Row(**{**known, **changes})


@pytest.mark.parametrize("hidden", list(HiddenPoint))
def test_a_partner_sees_a_never_public_place_as_precisely_as_the_city_says(hidden):
    assert seeing.location_precision_for(case(), partner(hidden_point=hidden)) is hidden
    assert (
        seeing.location_precision_for(case(), partner(hidden_point=hidden, exact_categories=["SOUCI"]))
        is HiddenPoint.EXACT
    )
    assert (
        seeing.location_precision_for(case(protection=Protection.PUBLIC_CELL), partner(hidden_point=hidden))
        is HiddenPoint.EXACT
    )


def test_near_a_protected_site_a_cell_may_become_a_sector():
    category = Row(code="SOUCI", near_protected=Grain.SECTOR)
    near = case(category=category, observations=[Row(is_near_protected=True)])
    assert seeing.location_precision_for(near, partner(hidden_point=HiddenPoint.CELL)) is HiddenPoint.SECTOR
    far = case(category=category, observations=[Row(is_near_protected=False)])
    assert seeing.location_precision_for(far, cast(Any, partner(hidden_point=HiddenPoint.CELL))) is HiddenPoint.CELL
