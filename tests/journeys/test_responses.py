"""The text that residents read when a case is closed: the city's for that category and outcome, nothing that the team
wrote.
"""

from typing import Any

import pytest

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.intake.models import Observation
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.page import Page

NOTE = "Vu M. Tremblay, il dort derrière la halle."


def closed_case(cast: Cast, category: str, reason: ClosingReason) -> Case:
    """Returns a case closed with this reason and an internal note of the team."""
    case = factories.case(category, at=now())
    triage.accept(case, by=cast.ana, at=now())
    triage.mark_out_of_plan(case, by=cast.ana, at=now())
    triage.close(case, reason, note=NOTE, by=cast.ana, at=now())
    return case


def history_read_by(page: Page, observation: Observation, language: str) -> str:
    """Returns the public history that the author of the observation reads, on a device of their own."""
    code = factories.code_of(observation)
    page.client = page.app.test_client()
    page.post("/langue", {"language": language})
    at = page.get("resident.follow")
    page.submit(at, {"code": code}, action="/suivi")
    history: Any = page.get("resident.follow").xpath("//ol[@class='timeline']")[0]
    assert NOTE not in (page.last.text if page.last else "")
    return " ".join(history.text_content().split())


@pytest.mark.parametrize(
    ("category", "reason", "fr", "en"),
    [
        (
            "DECHET-2",
            ClosingReason.DONE,
            "l’objet a été ramassé de façon sécuritaire",
            "the object was picked up safely",
        ),
        ("DECHET-1", ClosingReason.DONE, "quelqu’un s’en est occupé sur place", "someone took care of it on site"),
        (
            "DECHET-1",
            ClosingReason.OUTSIDE_MANDATE,
            "Cela dépasse ce que les partenaires",
            "This is beyond what the plan’s partners",
        ),
        (
            "LIEU-2",
            ClosingReason.NOTHING_FOUND,
            "Ce que vous ressentez compte quand même",
            "What you feel still counts",
        ),
        ("BIEN-1", ClosingReason.DONE, "votre mot a été lu par l’équipe", "the team has read your words"),
    ],
    ids=["its category's", "its kind's", "everybody's", "a feeling", "good news"],
)
def test_the_words_of_the_category_and_the_outcome_are_read_in_both_languages(
    page: Page, cast: Cast, category: str, reason: ClosingReason, fr: str, en: str
) -> None:
    (observation,) = closed_case(cast, category, reason).observations
    assert fr in history_read_by(page, observation, "fr")
    assert en in history_read_by(page, observation, "en")


def test_what_was_found_of_somebody_can_not_be_told_from_the_words(page: Page, cast: Cast) -> None:
    outcomes = (
        ClosingReason.DONE,
        ClosingReason.NOTHING_FOUND,
        ClosingReason.ALREADY_FOLLOWED,
        ClosingReason.HELP_OFFERED,
    )
    ends = {
        history_read_by(page, closed_case(cast, "SOUCI", reason).observations[0], "fr").partition("plus. Merci")[0]
        for reason in outcomes
    }
    assert len(ends) == 1
    assert "Par respect pour la personne" in ends.pop()


def test_what_the_team_made_of_it_since_is_not_given_away(page: Page, cast: Cast) -> None:
    case = factories.case("DECHET-1", at=now())
    triage.recode(case, catalogue.category_or_refuse("DECHET-2"), reason="Il y a une seringue.", by=cast.ana, at=now())
    triage.mark_out_of_plan(case, by=cast.ana, at=now())
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=now())
    assert "quelqu’un s’en est occupé sur place" in history_read_by(page, case.observations[0], "fr")
