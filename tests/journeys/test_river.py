"""The main journey, from the resident through triage and the partner back to the resident, with scripts off, on both
databases.
"""

import re

from sqlalchemy import select

from cohab_report.intake.models import Observation
from cohab_report.triage.models import Case, CaseState, ClosingReason


def follow_redirect(page, response):
    return page.visit(response.headers["Location"])


def send_observation(
    page, *, category="DECHET-1", kind="cleanliness", place="quai", text="Des sacs près du banc.", belongings="no"
):
    """Sends the form page by page; returns the receipt's page and the follow-up code on it."""
    at = page.get("resident.danger_screen")
    at = follow_redirect(page, page.submit(at, {"help": "no"}, action="/signaler/"))
    at = follow_redirect(page, page.submit(at, {"kind": kind}, action="/signaler/sujet"))
    at = follow_redirect(page, page.submit(at, {"place": place}, action="/signaler/lieu"))
    at = follow_redirect(page, page.submit(at, {"category": category}, action="/signaler/categorie"))
    at = follow_redirect(page, page.submit(at, {"text": text}, action="/signaler/questions"))
    if belongings:
        at = follow_redirect(page, page.submit(at, {"belongings": belongings}, action="/signaler/effets"))
    response = page.submit(at, {}, action="/signaler/envoyer")
    receipt = follow_redirect(page, response)
    code = re.search(r"\b(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}\b", receipt.text_content())
    assert code, receipt.text_content()
    return receipt, code.group()


def open_follow_page(page, code):
    """Returns the follow page that a code opens, in a browser without a session."""
    page.client = page.app.test_client()
    at = page.get("resident.follow")
    return follow_redirect(page, page.submit(at, {"code": code.lower().replace("-", " ")}, action="/suivi"))


def test_what_rosa_noticed_comes_to_the_partner_and_back_to_her(page, session, cast):
    _, code = send_observation(page)
    case = session.scalars(select(Case)).one()
    assert "Reçu" in open_follow_page(page, code).text_content()

    page.client = page.app.test_client()
    at = page.get("triage.case", as_=cast.ana, reference=case.reference)
    assert "Des sacs près du banc." in at.text_content()
    at = follow_redirect(page, page.submit(at, {}, action="/accepter"))
    at = follow_redirect(page, page.submit(at, {}, action="/confirmer"))
    page.submit(at, {"partner": "VOIRIE"}, action="/transmettre")
    assert case.state is CaseState.HANDED_OVER

    page.client = page.app.test_client()
    inbox = page.get("partner.inbox", as_=cast.lin)
    handover = inbox.xpath("//a[contains(@href, '/partenaire/transmissions/')]/@href")[0]
    at = page.visit(handover)
    assert "Des sacs près du banc." not in at.text_content(), "a partner never reads the resident's words"
    at = follow_redirect(page, page.submit(at, {}, action="/accepter"))
    assert case.holder.code == "VOIRIE"
    at = follow_redirect(page, page.submit(at, {}, action="/commencer"))
    page.submit(at, {"finish-outcome": "done"}, action="/terminer")

    assert (case.state, case.closing_reason, case.holder) == (CaseState.CLOSED, ClosingReason.DONE, None)
    follow_page = open_follow_page(page, code).text_content()
    assert "Terminé" in follow_page
    assert "Ramasser deux fois par jour" in follow_page, "the action of the plan it counts toward"

    page.client = page.app.test_client()
    public_list = page.get("resident.observations").text_content()
    assert "Déchets sur la berge" in public_list
    assert "Des sacs près du banc." not in public_list


def test_a_place_that_may_be_lived_in_never_reaches_the_works_first(page, session, cast):
    send_observation(page, category="DECHET-3", belongings="unknown")
    case = session.scalars(select(Case)).one()
    page.client = page.app.test_client()
    at = page.get("triage.case", as_=cast.ana, reference=case.reference)
    assert not at.xpath("//form[contains(@action, '/accepter')]"), "no button leads to what the rules refuse"
    page.post(
        f"/tri/dossiers/{case.reference}/transmettre",
        {"partner": "VOIRIE", "version": case.version},
        as_=cast.ana,
        status=422,
    )
    assert case.state is CaseState.OCCUPANCY_CHECK
    page.client = page.app.test_client()
    assert "Objet encombrant" not in page.get("resident.observations").text_content()


def test_the_same_sending_twice_is_one_observation_and_one_code(page, session):
    at = page.get("resident.danger_screen")
    at = follow_redirect(page, page.submit(at, {"help": "no"}, action="/signaler/"))
    at = follow_redirect(page, page.submit(at, {"kind": "positive"}, action="/signaler/sujet"))
    at = follow_redirect(page, page.submit(at, {"place": "halle"}, action="/signaler/lieu"))
    at = follow_redirect(page, page.submit(at, {"category": "BIEN-1"}, action="/signaler/categorie"))
    review = follow_redirect(page, page.submit(at, {}, action="/signaler/questions"))
    codes = set()
    for _ in range(2):
        receipt = follow_redirect(page, page.submit(review, {}, action="/signaler/envoyer"))
        codes.update(re.findall(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", receipt.text_content()))
    assert len(codes) == 1
    assert len(session.scalars(select(Observation)).all()) == 1
