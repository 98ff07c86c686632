"""The admin's pages."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from cohab_report import journal
from cohab_report.backup.events import BackupMade
from cohab_report.clock import now
from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.journal import Event
from cohab_report.notify import operations
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Rule
from tests import factories
from tests.jobs.test_commands import failing_event, is_set_aside
from tests.routing.test_views import words_of


def owed(session, cast):
    voirie = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    routing.hand_over(factories.accepted_case(cast.ana, at=now() - timedelta(hours=1)), voirie, by=cast.ana, at=now())
    operations.fan_out(session.scalars(select(Event).where(Event.name == "handover.offered")).one(), at=now())
    return session.scalars(select(Delivery)).one()


def test_installation_is_for_admins_only(page, cast):
    for person in (cast.ana, cast.lin, cast.omar, cast.charlie):
        page.get("admin.installation", as_=person, status=403)


def test_installation_says_that_the_queue_is_away_and_nothing_is_lost(page, cast):
    assert "Le serveur de file ne répond pas" in words_of(page.get("admin.installation", as_=cast.admin))


def test_installation_says_that_no_backup_is_configured_or_how_old_the_last_one_is(page, cast, app, monkeypatch):
    assert "Aucune sauvegarde de nuit n’est réglée" in words_of(page.get("admin.installation", as_=cast.admin))
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], backup_folder="/var/backups/city"))
    said = words_of(page.get("admin.installation", as_=cast.admin))
    assert "La sauvegarde de la nuit est en retard" in said and "n’est réglée" not in said
    made = BackupMade(thread="backup:now", nightly=True, rows=1, pictures=0, missing=0, size=1)
    journal.record(made, by=journal.SYSTEM, at=now() - timedelta(hours=3))
    said = words_of(page.get("admin.installation", as_=cast.admin))
    assert "Dernière sauvegarde" in said and "il y a 3" in said and "en retard" not in said


def test_installation_names_rules_that_can_not_speak(page, cast, session):
    assert "Des règles ne peuvent pas parler" not in words_of(page.get("admin.installation", as_=cast.admin))
    rule = session.scalars(select(Rule).where(Rule.code == "mercis")).one()
    rule.partner = session.scalars(select(Partner).where(Partner.code == "GARDE")).one()
    said = words_of(page.get("admin.installation", as_=cast.admin))
    assert (
        "Des règles ne peuvent pas parler" in said
        and "mercis – Son partenaire ne reçoit que par transmission humaine" in said
    )


def test_retry_makes_a_given_up_message_due(page, cast, session):
    delivery = owed(session, cast)
    delivery.give_up("smtp_550")
    html = page.get("admin.installation", as_=cast.admin)
    assert "Abandonné" in words_of(html) and "smtp_550" in words_of(html)
    page.submit(html, {}, action="reessayer", as_=cast.admin)
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 0)
    page.post(page.address("admin.retry", number=999999), {}, as_=cast.admin, status=404)


def test_retry_events_puts_one_event_or_all_back(page, cast, session):
    html = page.get("admin.installation", as_=cast.admin)
    assert "Aucun évènement n’est en échec." in words_of(html)
    events = [failing_event(thread, error="KeyError") for thread in ("A", "B", "C")]
    failing_event("D", set_aside_at=None, error="TimeoutError")
    html = page.get("admin.installation", as_=cast.admin)
    said = words_of(html)
    assert said.count("bell.rung KeyError 8 essais mis de côté") == 3 and "TimeoutError 2 essais prochain essai" in said
    page.submit(html, {}, action=page.address("admin.retry_events", number=events[1].id), as_=cast.admin)
    assert is_set_aside(*events) == [True, False, True]
    html = page.get("admin.installation", as_=cast.admin)
    assert "Reprendre les 2 évènements mis de côté" in words_of(html)
    page.submit(html, {}, action="/admin/evenements/reprendre", as_=cast.admin)
    assert is_set_aside(*events) == [False, False, False]
    assert [row.actor for event in events for row in journal.history(f"event:{event.id}")] == [
        cast.admin.journal_name
    ] * 3
    assert "Reprendre" not in words_of(page.get("admin.installation", as_=cast.admin))


def test_retry_events_is_for_admins_only(page, cast, session):
    event = failing_event("A")
    for person in (cast.ana, cast.lin, cast.omar, cast.charlie):
        for address in ("/admin/evenements/reprendre", page.address("admin.retry_events", number=event.id)):
            page.post(address, {}, as_=person, status=403)
    assert is_set_aside(event) == [True]


def test_mail_shows_a_message_of_the_local_mailbox_as_text(app, page, cast, session, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mailbox_dir=str(tmp_path)))
    delivery = owed(session, cast)
    session.commit()
    assert operations.deliver_due(at=now()) == 1
    html = page.get("admin.installation", as_=cast.admin)
    (link,) = html.xpath("//a[contains(@href, '/admin/courriels/')]/@href")
    assert link.endswith(f"{encrypt_number('delivery', delivery.id, key='c' * 40)}.eml")
    assert "Bonjour," in words_of(page.visit(link, as_=cast.admin))
    page.visit("/admin/courriels/..%2F..%2Fetc%2Fpasswd", as_=cast.admin, status=404)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], smtp_url="smtp://127.0.0.1"))
    page.visit(link, as_=cast.admin, status=404)
