"""What partners read in a letter, and what no letter may hold."""

import email
from email.policy import default

import pytest
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.geo import Point
from cohab_report.notify import letters
from cohab_report.notify.channels import ChannelError, Letter
from cohab_report.notify.channels.email import message_of
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.settings import Settings
from tests import factories

FROM = "Équipe de tri <tri@rivebelle.example>"
SETTINGS = Settings(secret_key="s" * 40, code_key="c" * 40, base_url="https://cohab.example", mail_from=FROM)


def offer(session, cast, case, to, reason="Derrière le jardin des Saules"):
    partner = session.scalars(select(Partner).where(Partner.code == to)).one()
    return routing.hand_over(case, partner, reason=reason, by=cast.ana, at=now())


def read(message):
    """The message as it travelled, decoded: headers and both bodies."""
    found = email.message_from_bytes(bytes(message), policy=default)
    bodies = [part.get_content() for part in found.walk() if not part.is_multipart()]
    return found, "\n".join([*(f"{name}: {value}" for name, value in found.items()), *bodies])


def test_a_public_case_is_named_in_the_subject_and_its_place_is_not_written(session, cast):
    handover = offer(session, cast, factories.accepted(cast.ana, place="jardin-des-saules", point=None), "VOIRIE")
    letter = letters.handover_offered(handover, number=7, at=now())
    found, everything = read(message_of("voirie@rivebelle.example", letter, SETTINGS))
    assert handover.case.reference in found["Subject"] and "Déchets sur la berge" in found["Subject"]
    assert f"/partenaire/transmissions/{handover.id}" in everything
    assert "Saules" not in everything


def test_a_never_public_case_says_only_that_it_waits(session, cast):
    at = Point(-1.25043, 47.15267)
    case = factories.accepted(
        cast.ana, "SOUCI", text="Une dame pleure près du kiosque", point=at, place="jardin-des-saules"
    )
    handover = offer(session, cast, case, "MARAUDE")
    letter = letters.handover_offered(handover, number=8, at=now())
    message = message_of("maraude@rivebelle.example", letter, SETTINGS)
    found, everything = read(message)
    assert found["Subject"] == "Un dossier à accès restreint attend votre réponse"
    secrets = (
        "kiosque",
        "ardin des Saules",
        "1.2504",
        "47.152",
        case.reference,
        "inquiète",
        case.sector.name.fr,
        case.category.code,
    )
    assert [secret for secret in secrets if secret in everything or secret.encode() in bytes(message)] == []
    assert (
        "https://" not in everything.replace("https://cohab.example", "")
        and "http://localhost/partenaire" in everything
    )


def test_works_that_must_stop_are_told_so_and_not_where(session, cast):
    handover = offer(
        session, cast, factories.accepted(cast.ana, "DECHET-3", place="jardin-des-saules", point=None), "VOIRIE"
    )
    routing.stop_works(handover, by=cast.ana, at=now())
    found, everything = read(
        message_of("voirie@rivebelle.example", letters.handover_stopped(handover, number=9, at=now()), SETTINGS)
    )
    assert found["Subject"] == "Arrêtez les travaux\xa0: un dossier est repris", "French spaces stay where they are"
    assert "arrêtez tout" in everything and f"/partenaire/transmissions/{handover.id}" in everything
    assert "Saules" not in everything and handover.case.reference not in everything


def test_a_letter_travels_with_what_mail_programs_ask_for(session, cast):
    handover = offer(session, cast, factories.accepted(cast.ana), "VOIRIE")
    found, _ = read(
        message_of("voirie@rivebelle.example", letters.handover_offered(handover, number=7, at=now()), SETTINGS)
    )
    assert found["Message-ID"] == "<delivery-7@cohab.example>"
    assert found["References"] == f"<case-{handover.case.id}@cohab.example>"
    assert found["Auto-Submitted"] == "auto-generated" and found["List-Id"] and found["Date"]
    assert found["From"] == FROM
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert (
        "<img"
        not in bytes(
            message_of("a@b.example", letters.handover_offered(handover, number=7, at=now()), SETTINGS)
        ).decode()
    )


def test_letters_are_french_whatever_the_sender_reads(app, session, cast):
    handover = offer(session, cast, factories.accepted(cast.ana), "VOIRIE")
    with app.test_request_context():
        from flask import session as kept

        kept["language"] = "en"
        letter = letters.handover_offered(handover, number=7, at=now())
    assert letter.text.startswith("Bonjour") and "Déchets" in letter.text


@pytest.mark.parametrize(
    "address", ["", "x", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "é@b.example", "a@b c", '"a b"@c', "@b", "a@"]
)
def test_what_is_no_address_is_refused_for_good(address):
    letter = Letter(1, "Sujet", "Texte", "<p>Texte</p>", "case-1", now())
    with pytest.raises(ChannelError) as refused:
        message_of(address, letter, SETTINGS)
    assert refused.value.permanent


def test_a_subject_can_not_bring_a_header_along():
    letter = Letter(1, "Sujet\r\nBcc: quelqu’un@ailleurs.example\n\nCorps", "Texte", "<p>Texte</p>", "case-1", now())
    found, _ = read(message_of("a@b.example", letter, SETTINGS))
    assert found["Bcc"] is None and found["Subject"] == "Sujet Bcc: quelqu’un@ailleurs.example Corps"
