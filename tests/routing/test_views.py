"""Partners' pages, visited as a partner's people would, and as somebody would who has no business there."""

from datetime import timedelta

import lxml.html
from sqlalchemy import select

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category
from cohab_report.clock import now
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.triage import operations as triage
from cohab_report.triage.models import CaseState, ClosingReason
from tests import factories


def words_of(page):
    return " ".join(page.text_content().split()).replace("\xa0", " ")


def partner(session, code):
    return session.scalars(select(Partner).where(Partner.code == code)).one()


def offered_handover(session, cast, category="DECHET-1", to="VOIRIE", **changes):
    """A case that Ana accepted and offered to a partner just now."""
    at = now() - timedelta(hours=1)
    case = factories.accepted_case(cast.ana, category, at=at, **changes)
    return routing.hand_over(
        case, partner(session, to), reason="Au pied du banc, près de la passerelle", by=cast.ana, at=now()
    )


def accepted_handover(session, cast, category="DECHET-1", to="VOIRIE", **changes):
    """The same, accepted by the partner."""
    handover = offered_handover(session, cast, category, to, **changes)
    routing.accept_handover(handover, by=cast.lin, at=now())
    return handover


def outreach_handover(session, cast):
    """A place where somebody may live, in the hands of outreach."""
    case = factories.case("DECHET-3", at=now(), belongings="yes")
    handover = routing.hand_over(case, partner(session, "MARAUDE"), by=cast.ana, at=now())
    routing.accept_handover(handover, by=cast.noor, at=now())
    return handover


def test_inbox_when_nothing_waits_says_so_kindly(page, cast):
    found = page.get("partner.inbox", as_=cast.lin)
    assert "Aucun dossier n’attend votre équipe" in words_of(found)


def test_inbox_has_offers_first_then_what_is_in_hand_then_what_ended(page, cast, session):
    ended = offered_handover(session, cast)
    routing.decline_handover(ended, reason="Pas notre rive", by=cast.lin, at=now())
    in_hand = accepted_handover(session, cast)
    offer = offered_handover(session, cast)
    theirs = outreach_handover(session, cast)
    found = page.get("partner.inbox", as_=cast.lin)
    rows = [row.text_content() for row in found.xpath("//span[@class='ref']")]
    assert rows == [offer.case.reference, in_hand.case.reference, ended.case.reference]
    assert theirs.case.reference not in words_of(found)


def test_inbox_is_for_partners_only(page, cast):
    for person in (cast.ana, cast.admin, cast.omar, cast.charlie):
        page.get("partner.inbox", as_=person, status=403)


def test_handover_of_another_partner_is_not_there(page, cast, session):
    theirs = accepted_handover(session, cast)
    page.get("partner.handover", number=theirs.id, as_=cast.noor, status=404)
    page.get("partner.handover", number=999_999, as_=cast.noor, status=404)
    page.visit("/partenaire/transmissions/99999999999999999999999", as_=cast.noor, status=404)
    for act in ("accepter", "refuser", "commencer", "terminer", "rendre", "occupation"):
        page.post(f"{page.address('partner.handover', number=theirs.id)}/{act}", {}, as_=cast.noor, status=404)


def test_handover_shows_what_the_work_needs_and_never_the_resident_s_words(page, cast, session):
    handover = offered_handover(session, cast, text="Le monsieur en manteau bleu, appelez-moi au 819 555-0199")
    found = page.get("partner.handover", number=handover.id, as_=cast.lin)
    said = words_of(found)
    assert "Déchets sur la berge" in said and "Au pied du banc" in said and f"{factories.BANK.lat:.5f}" in said
    assert "manteau bleu" not in page.last.text and "555-0199" not in page.last.text


def test_handover_once_ended_tells_no_more_where_a_restricted_case_is(page, cast, session):
    handover = accepted_handover(session, cast, "DECHET-2")
    assert f"{factories.BANK.lat:.4f}" in words_of(page.get("partner.handover", number=handover.id, as_=cast.lin))
    routing.give_back(session.get_one(Handover, handover.id), reason="Pas de pince ici", by=cast.lin, at=now())
    said = words_of(page.get("partner.handover", number=handover.id, as_=cast.lin))
    assert "le lieu n’est plus montré" in said and f"{factories.BANK.lat:.4f}" not in page.last.text


def test_accept_start_and_finish_handover_from_the_page(page, cast, session):
    handover = offered_handover(session, cast)
    for act in ("accepter", "commencer"):
        shown = page.get("partner.handover", number=handover.id, as_=cast.lin)
        page.submit(shown, {}, action=act, as_=cast.lin)
    assert (handover.state, handover.case.holder.code) == (HandoverState.IN_PROGRESS, "VOIRIE")
    shown = page.get("partner.handover", number=handover.id, as_=cast.lin)
    page.submit(
        shown,
        {"finish-outcome": "nothing_found", "finish-answer": "Tout était propre."},
        action="terminer",
        as_=cast.lin,
    )
    assert (handover.state, handover.outcome) == (HandoverState.DONE, ClosingReason.NOTHING_FOUND)
    assert (handover.case.state, handover.case.holder) == (CaseState.CLOSED, None)


def test_handover_shows_beside_each_outcome_what_the_person_will_read(page, cast, session):
    handover = accepted_handover(session, cast, "DECHET-2")
    shown = page.get("partner.handover", number=handover.id, as_=cast.lin)
    for reason in ClosingReason:
        words = catalogue.responses_to("DECHET-2", handover.case.kind).get(reason.value)
        (choice,) = shown.xpath(f"//input[@name='finish-outcome' and @value='{reason.value}']")
        (said,) = shown.xpath(f"//*[@id='{choice.get('aria-describedby')}']")
        assert words and words_of(said) == f"À la fermeture, la personne lira : « {words.fr} »".replace("\xa0", " ")


def test_decline_handover_without_a_reason_says_so_beside_its_field(page, cast, session):
    handover = offered_handover(session, cast)
    shown = page.get("partner.handover", number=handover.id, as_=cast.lin)
    page.submit(shown, {"decline-answer": "  "}, action="refuser", as_=cast.lin, status=422)
    refused = page.last.text
    assert (
        'id="decline-answer-error"' in refused
        and "Écrivez pourquoi" in refused
        and handover.state is HandoverState.OFFERED
    )
    page.submit(shown, {"decline-answer": "x" * 501}, action="refuser", as_=cast.lin, status=422)
    assert "Gardez au plus 500" in page.last.text and "x" * 501 in page.last.text


def test_decline_handover_with_a_reason_gives_it_to_triage(page, cast, session):
    handover = offered_handover(session, cast)
    shown = page.get("partner.handover", number=handover.id, as_=cast.lin)
    page.submit(shown, {"decline-answer": "Hors de notre rive"}, action="refuser", as_=cast.lin)
    assert (
        handover.state is HandoverState.DECLINED
        and handover.answer == "Hors de notre rive"
        and handover.case.is_with_triage
    )


def test_give_back_returns_the_case(page, cast, session):
    handover = accepted_handover(session, cast)
    shown = page.get("partner.handover", number=handover.id, as_=cast.lin)
    page.submit(shown, {"give_back-answer": "Il faut une grue"}, action="rendre", as_=cast.lin)
    assert handover.state is HandoverState.GIVEN_BACK and handover.case.holder is None


def test_finish_handover_without_an_outcome_is_refused(page, cast, session):
    handover = accepted_handover(session, cast)
    shown = page.get("partner.handover", number=handover.id, as_=cast.lin)
    page.submit(shown, {"finish-answer": "Fait hier"}, action="terminer", as_=cast.lin, status=422)
    assert "Choisissez une issue" in page.last.text and "Fait hier" in page.last.text
    page.submit(shown, {"finish-outcome": "swept_away"}, action="terminer", as_=cast.lin, status=422)
    assert handover.state is HandoverState.ACCEPTED


def test_triage_stops_works_and_their_partner_reads_why(page, cast, session):
    handover = accepted_handover(session, cast, "DECHET-3")
    at = page.get("triage.case", reference=handover.case.reference, as_=cast.ana)
    assert "Réponse attendue" not in words_of(at), "the partner has answered"
    page.submit(at, {}, action="/arreter", as_=cast.ana)
    assert (handover.state, handover.case.state) == (HandoverState.GIVEN_BACK, CaseState.OCCUPANCY_CHECK)
    read = words_of(page.get("partner.handover", number=handover.id, as_=cast.lin))
    assert "Travaux bloqués" in read and "le lieu n’est plus montré" in read


def test_triage_reads_how_the_partner_finished_even_without_a_word(page, cast, session):
    handover = accepted_handover(session, cast)
    case = handover.case
    triage.reject_link(case, case.links[0].action, by=cast.ana, at=now())
    routing.finish_handover(handover, ClosingReason.NOTHING_FOUND, by=cast.lin, at=now())
    assert case.is_with_triage, "it is not said yet what it counts toward, so triage closes it"
    read = page.get("triage.case", reference=case.reference, as_=cast.ana)
    (panel,), (story,) = (read.xpath(f"//section[@aria-labelledby='{name}']") for name in ("partenaires", "histoire"))
    assert "Rien trouvé sur place" in words_of(panel)
    assert "Rien trouvé sur place" in words_of(story)


def test_an_old_page_replaces_nothing_and_loses_nothing(page, cast, session):
    handover = offered_handover(session, cast)
    old = page.get("partner.handover", number=handover.id, as_=cast.lin)
    routing.accept_handover(session.get_one(Handover, handover.id), by=cast.lin, at=now())
    page.submit(old, {"decline-answer": "Nous n’avons personne lundi"}, action="refuser", as_=cast.lin, status=409)
    assert (
        "Quelqu’un a modifié cette transmission" in page.last.text and "Nous n’avons personne lundi" in page.last.text
    )
    assert "Entre vos mains" not in page.last.text and handover.state is HandoverState.ACCEPTED


def test_a_tampered_version_counts_as_an_old_page(page, cast, session):
    handover = offered_handover(session, cast)
    for version in ("", "-1", "٣", "9" * 40, "abc"):
        address = page.address("partner.accept_handover", number=handover.id)
        page.post(address, {"accept-version": version}, as_=cast.lin, status=409)
    assert handover.state is HandoverState.OFFERED


def test_a_move_that_the_table_does_not_have_is_explained(page, cast, session):
    handover = offered_handover(session, cast)
    sent = {"finish-version": str(handover.version), "finish-outcome": "done", "finish-answer": "Ramassé ce matin"}
    page.post(page.address("partner.finish_handover", number=handover.id), sent, as_=cast.lin, status=409)
    assert "Acceptez d’abord cette transmission" in page.last.text and "Ramassé ce matin" in page.last.text


def test_record_visit_by_outreach_lets_works_come(page, cast, session):
    handover = outreach_handover(session, cast)
    shown = page.get("partner.handover", number=handover.id, as_=cast.noor)
    assert "Travaux bloqués" in words_of(shown)
    assert shown.xpath("//input[@name='record_visit-on']/@value") in ([], [""]), "the day is asked, not assumed"
    visit = {
        "record_visit-seen": "cleared",
        "record_visit-on": handover.case.occupancy_doubted_on.isoformat(),
        "record_visit-note": "Personne depuis trois jours",
    }
    page.submit(shown, visit, action="occupation", as_=cast.noor)
    assert not handover.case.works_are_locked and handover.case.occupancy_note == "Personne depuis trois jours"


def test_record_visit_needs_a_date_a_note_and_a_visit_that_was(page, cast, session):
    handover = outreach_handover(session, cast)
    shown = page.get("partner.handover", number=handover.id, as_=cast.noor)
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    wrong = {"record_visit-seen": "cleared", "record_visit-on": tomorrow, "record_visit-note": "Vu"}
    page.submit(shown, wrong, action="occupation", as_=cast.noor, status=422)
    assert "ne peut pas être dans l’avenir" in page.last.text
    page.submit(
        shown,
        {"record_visit-seen": "cleared", "record_visit-on": "hier"},
        action="occupation",
        as_=cast.noor,
        status=422,
    )
    old = {**wrong, "record_visit-on": (now() - timedelta(days=2)).date().isoformat()}
    page.submit(shown, old, action="occupation", as_=cast.noor, status=422)
    (error,) = lxml.html.fromstring(page.last.text).xpath("//*[@id='record_visit-on-error']")
    assert "plus ancienne que le dernier doute" in error.text_content()
    assert handover.case.works_are_locked


def test_record_visit_is_not_for_works(page, cast, session):
    handover = accepted_handover(session, cast)
    assert "Noter la visite" not in words_of(page.get("partner.handover", number=handover.id, as_=cast.lin))
    sent = {"version": str(handover.version), "seen": "cleared", "on": "2026-11-16", "note": "Rien"}
    sent = {f"record_visit-{name}": value for name, value in sent.items()}
    page.post(page.address("partner.record_visit", number=handover.id), sent, as_=cast.lin, status=409)
    assert "Personne n’attend plus de vérification" in page.last.text


def test_pages_are_complete_in_english(page, cast, session):
    handover = offered_handover(session, cast)
    page.post("/langue", {"language": "en", "next": "/partenaire"}, as_=cast.lin)
    page.get("partner.inbox", as_=cast.lin)
    assert "Litter on the bank" in words_of(page.get("partner.handover", number=handover.id, as_=cast.lin))


def test_every_category_has_words_for_its_kind(session):
    kinds = {category.kind.value for category in session.scalars(select(Category))}
    assert kinds <= {"cleanliness", "safety", "positive", "concern"}
