"""What the catalogue answers: the words that residents read at the end, the most specific first."""

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from cohab_report.catalogue.models import Kind, Response
from cohab_report.catalogue.queries import responses_to
from cohab_report.db import Words
from cohab_report.triage.models import ClosingReason


def says(session: Session, category: str, outcome: str, words: str) -> Response:
    """The row with these words is in the database, instead of the profile's when it had one."""
    query = select(Response).where(Response.category == category, Response.outcome == outcome)
    row = session.scalars(query).one_or_none() or Response(category=category, outcome=outcome)
    row.text_fr, row.text_en, row.is_retired = words, f"{words} (en)", False
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def only(session: Session) -> Session:
    """The outcome `done` has words for all and for nothing narrower; each test adds what it needs."""
    for row in session.scalars(select(Response).where(Response.outcome == "done")):
        row.is_retired = True
    says(session, "*", "done", "pour tout")
    return session


def test_the_category_speaks_before_its_kind_and_its_kind_before_all(only: Session) -> None:
    told = []
    for category, words in (("cleanliness", "pour la propreté"), ("DECHET-1", "pour les déchets")):
        told.append(responses_to("DECHET-1", Kind.CLEANLINESS)["done"])
        says(only, category, "done", words)
    told.append(responses_to("DECHET-1", Kind.CLEANLINESS)["done"])
    assert [words.fr for words in told] == ["pour tout", "pour la propreté", "pour les déchets"]
    assert told[-1] == Words("pour les déchets", "pour les déchets (en)")


def test_the_order_of_rows_decides_nothing(only: Session) -> None:
    says(only, "DECHET-1", "done", "pour les déchets")
    says(only, "cleanliness", "done", "pour la propreté")
    words = responses_to("DECHET-1", Kind.CLEANLINESS)["done"]
    assert words.fr == "pour les déchets"


def test_words_for_others_are_not_heard(only: Session) -> None:
    says(only, "DECHET-2", "done", "pour une autre catégorie")
    says(only, "safety", "done", "pour un autre genre")
    says(only, "DECHET-1", "redirected", "pour une autre issue")
    words = responses_to("DECHET-1", Kind.CLEANLINESS)["done"]
    assert words.fr == "pour tout"


def test_retired_words_are_silent(only: Session) -> None:
    says(only, "DECHET-1", "done", "pour les déchets").is_retired = True
    only.flush()
    words = responses_to("DECHET-1", Kind.CLEANLINESS)["done"]
    assert words.fr == "pour tout"


def test_an_outcome_without_words_has_none(only: Session) -> None:
    assert "nowhere" not in responses_to("DECHET-1", Kind.CLEANLINESS)


def test_every_outcome_of_a_category_is_answered_by_one_question(session: Session) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        told = responses_to("SOUCI", Kind.CONCERN)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert set(told) == set(ClosingReason)
    assert len([statement for statement in asked if "SELECT" in statement]) == 1
