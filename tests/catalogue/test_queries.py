"""Responses to residents by outcome: the most specific text is used."""

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from cohab_report.catalogue.models import Kind, Response
from cohab_report.catalogue.queries import responses_to
from cohab_report.db import Words
from cohab_report.triage.models import ClosingReason


def save_response(session: Session, category: str, outcome: str, words: str) -> Response:
    """Saves a response with this text, replacing the profile's."""
    query = select(Response).where(Response.category == category, Response.outcome == outcome)
    row = session.scalars(query).one_or_none() or Response(category=category, outcome=outcome)
    row.text_fr, row.text_en, row.is_retired = words, f"{words} (en)", False
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def one_response(session: Session) -> Session:
    """The outcome `done` has words for all and for nothing narrower; each test adds what it needs."""
    for row in session.scalars(select(Response).where(Response.outcome == "done")):
        row.is_retired = True
    save_response(session, "*", "done", "pour tout")
    return session


def test_the_category_speaks_before_its_kind_and_its_kind_before_all(one_response: Session) -> None:
    texts = []
    for category, words in (("cleanliness", "pour la propreté"), ("DECHET-1", "pour les déchets")):
        texts.append(responses_to("DECHET-1", Kind.CLEANLINESS)["done"])
        save_response(one_response, category, "done", words)
    texts.append(responses_to("DECHET-1", Kind.CLEANLINESS)["done"])
    assert [words.fr for words in texts] == ["pour tout", "pour la propreté", "pour les déchets"]
    assert texts[-1] == Words("pour les déchets", "pour les déchets (en)")


def test_the_order_of_rows_decides_nothing(one_response: Session) -> None:
    save_response(one_response, "DECHET-1", "done", "pour les déchets")
    save_response(one_response, "cleanliness", "done", "pour la propreté")
    words = responses_to("DECHET-1", Kind.CLEANLINESS)["done"]
    assert words.fr == "pour les déchets"


def test_texts_for_others_are_not_used(one_response: Session) -> None:
    save_response(one_response, "DECHET-2", "done", "pour une autre catégorie")
    save_response(one_response, "safety", "done", "pour un autre genre")
    save_response(one_response, "DECHET-1", "redirected", "pour une autre issue")
    words = responses_to("DECHET-1", Kind.CLEANLINESS)["done"]
    assert words.fr == "pour tout"


def test_retired_texts_are_not_used(one_response: Session) -> None:
    save_response(one_response, "DECHET-1", "done", "pour les déchets").is_retired = True
    one_response.flush()
    words = responses_to("DECHET-1", Kind.CLEANLINESS)["done"]
    assert words.fr == "pour tout"


def test_an_outcome_without_words_has_none(one_response: Session) -> None:
    assert "nowhere" not in responses_to("DECHET-1", Kind.CLEANLINESS)


def test_every_outcome_of_a_category_is_answered_by_one_question(session: Session) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        responses = responses_to("SOUCI", Kind.CONCERN)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert set(responses) == set(ClosingReason)
    assert len([statement for statement in statements if "SELECT" in statement]) == 1
