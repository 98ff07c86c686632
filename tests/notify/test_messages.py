"""What partners read in an e-mail, and what no e-mail may hold."""

import email
from email.policy import default

import pytest
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.geo import Point
from cohab_report.notify import messages
from cohab_report.notify.channels import ChannelError, OutgoingMessage
from cohab_report.notify.channels.email import mime_message
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.settings import Settings
from tests import factories

FROM = "Équipe de tri <tri@rivebelle.example>"
SETTINGS = Settings(secret_key="s" * 40, code_key="c" * 40, base_url="https://cohab.example", mail_from=FROM)


def offer(session, cast, case, to, reason="Derrière le jardin des Saules"):
    partner = session.scalars(select(Partner).where(Partner.code == to)).one()
    return routing.hand_over(case, partner, reason=reason, by=cast.ana, at=now())


def encrypted(table, number):
    return encrypt_number(table, number, key=SETTINGS.code_key)


def read(message):
    """The message as it travelled, decoded: headers and both bodies."""
    received = email.message_from_bytes(bytes(message), policy=default)
    bodies = [part.get_content() for part in received.walk() if not part.is_multipart()]
    return received, "\n".join([*(f"{name}: {value}" for name, value in received.items()), *bodies])


def test_a_public_case_is_named_in_the_subject_and_its_place_is_not_written(session, cast):
    handover = offer(session, cast, factories.accepted_case(cast.ana, place="jardin-des-saules", point=None), "VOIRIE")
    outgoing = messages.handover_offered_message(handover, number=7, at=now())
    received, everything = read(mime_message("voirie@rivebelle.example", outgoing, SETTINGS))
    assert handover.case.reference in received["Subject"] and "Déchets sur la berge" in received["Subject"]
    assert f"/partenaire/transmissions/{encrypted('handover', handover.id)}" in everything
    assert "Saules" not in everything


def test_a_never_public_case_says_only_that_it_waits(session, cast):
    at = Point(-1.25043, 47.15267)
    case = factories.accepted_case(
        cast.ana, "SOUCI", text="Une dame pleure près du kiosque", point=at, place="jardin-des-saules"
    )
    handover = offer(session, cast, case, "MARAUDE")
    outgoing = messages.handover_offered_message(handover, number=8, at=now())
    message = mime_message("maraude@rivebelle.example", outgoing, SETTINGS)
    received, everything = read(message)
    assert received["Subject"] == "Un dossier à accès restreint attend votre réponse"
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
        session, cast, factories.accepted_case(cast.ana, "DECHET-3", place="jardin-des-saules", point=None), "VOIRIE"
    )
    routing.stop_works(handover, by=cast.ana, at=now())
    received, everything = read(
        mime_message(
            "voirie@rivebelle.example", messages.handover_stopped_message(handover, number=9, at=now()), SETTINGS
        )
    )
    assert received["Subject"] == "Arrêtez les travaux\xa0: un dossier est repris", "French spaces stay where they are"
    assert "arrêtez tout" in everything and encrypted("handover", handover.id) in everything
    assert "Saules" not in everything and handover.case.reference not in everything


def test_an_email_travels_with_what_mail_programs_ask_for(session, cast):
    handover = offer(session, cast, factories.accepted_case(cast.ana), "VOIRIE")
    received, _ = read(
        mime_message(
            "voirie@rivebelle.example", messages.handover_offered_message(handover, number=7, at=now()), SETTINGS
        )
    )
    assert received["Message-ID"] == f"<{encrypted('delivery', 7)}@cohab.example>"
    assert received["References"] == f"<{encrypted('case', handover.case.id)}@cohab.example>"
    assert received["Auto-Submitted"] == "auto-generated" and received["List-Id"] and received["Date"]
    assert received["From"] == FROM
    assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]
    assert (
        "<img"
        not in bytes(
            mime_message("a@b.example", messages.handover_offered_message(handover, number=7, at=now()), SETTINGS)
        ).decode()
    )


def test_emails_are_french_whatever_the_sender_reads(app, session, cast):
    handover = offer(session, cast, factories.accepted_case(cast.ana), "VOIRIE")
    with app.test_request_context():
        from flask import session as kept

        kept["language"] = "en"
        outgoing = messages.handover_offered_message(handover, number=7, at=now())
    assert outgoing.text.startswith("Bonjour") and "Déchets" in outgoing.text


@pytest.mark.parametrize(
    "address", ["", "x", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "é@b.example", "a@b c", '"a b"@c', "@b", "a@"]
)
def test_what_is_no_address_is_refused_for_good(address):
    outgoing = OutgoingMessage(1, "Sujet", "Texte", "<p>Texte</p>", ("case", 1), now())
    with pytest.raises(ChannelError) as refused:
        mime_message(address, outgoing, SETTINGS)
    assert refused.value.permanent


def test_a_subject_can_not_bring_a_header_along():
    outgoing = OutgoingMessage(
        1, "Sujet\r\nBcc: quelqu’un@ailleurs.example\n\nCorps", "Texte", "<p>Texte</p>", ("case", 1), now()
    )
    received, _ = read(mime_message("a@b.example", outgoing, SETTINGS))
    assert received["Bcc"] is None and received["Subject"] == "Sujet Bcc: quelqu’un@ailleurs.example Corps"
