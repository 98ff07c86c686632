"""The triage desk, as Ana sees it."""

import pytest

from tests import factories
from tests.cast import Cast
from tests.page import Page


@pytest.mark.usefixtures("session")
def test_home_tells_how_each_queue_stands(page: Page, cast: Cast) -> None:
    factories.case()
    text = page.get("triage.home", as_=cast.ana).text_content()
    assert "Berges" in text and "Vérification" in text


def test_case_shows_the_facts(page: Page, cast: Cast) -> None:
    case = factories.case(text="Des bouteilles près du quai.")
    found = page.get("triage.case", as_=cast.ana, reference=case.reference)
    assert "Des bouteilles près du quai." in found.text_content()
