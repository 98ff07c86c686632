"""What each partner may see, walked over every page: P4, on the made-up city and on the shipped one."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import url_for
from sqlalchemy import select

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Protection
from cohab_report.cities.loader import load_profile
from cohab_report.cities.tables import PROFILES
from cohab_report.clock import now, today
from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings
from cohab_report.intake.rules import Draft
from cohab_report.partners.models import HiddenPoint, Partner, Person, Role
from cohab_report.routing import operations as routing
from cohab_report.routing import queries, rules
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as triage_queries
from tests import factories
from tests.page import Page

SHIPPED = PROFILES / "trois_rivieres"
RESIDENT_SAYS = "Ecrivez-moi au 819 555-0142, manteau orange"
WORD = "manteau orange"
SEES = {
    "TP": "sector", "SDC": "sector", "NOMADE": "exact", "PDR": "exact", "CIUSSS": "exact", "LH": "cell", "DPTR": "sector",
    "VILLE": "exact", "CULTURE3R": "sector", "BIBLIO": "sector", "CDC": "sector", "EQUI": "sector", "TANDEM": "sector",
    "CSSCDR": "sector", "STTR": "sector",
}  # fmt: skip
"""How finely each partner of the shipped city sees a never-public place (domain.md 6.3); an independent copy, on purpose."""
EXACT_ALL_THE_SAME = {"TP": {"PROP-3", "PROP-8"}}


def entrusted(case, partner: Partner, by: Person) -> Handover:
    """The case in this partner's hands, whether or not a rule or a person could have sent it there."""
    handover = Handover(
        case=case, partner=partner, state=HandoverState.ACCEPTED, offered_by=by, offered_at=now(), answered_at=now(), reason="Mot du tri",
    )  # fmt: skip
    db.session.add(handover)
    db.session.flush()
    return handover


def received(category: str, where: Point, place: str):
    """The case of an observation with words of its own, at a place that has a name and a point of its own."""
    known = catalogue.category_or_refuse(category)
    answers = {
        each.code: ("no" if "no" in each.option_codes else each.option_codes[-1])
        for each in known.questions
        if each.is_required
    }
    belongings = Belongings.YES if known.asks_belongings else Belongings.NOT_ASKED
    draft = Draft(
        client_id=uuid4(), category=category, point=where, place=place, observed_on=today(territory.ground().zone),
        text=RESIDENT_SAYS, answers=answers,
        belongings=belongings,
    )  # fmt: skip
    return triage_queries.case_of(intake.receive(draft, at=now()).id)


def someone_of(partner: Partner) -> Person:
    """Somebody who works for this partner."""
    person = Person(
        email=f"{partner.code.lower()}@test.example", name="Quelqu’un", role=Role.PARTNER, password_hash="-", session_version=1,
        partner=partner, is_active=True,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def every_page(app, handover: Handover):
    """Each address that can be read, filled with what this handover and its case are called."""
    known = {
        "number": handover.id,
        "reference": handover.case.reference,
        "code": handover.case.reference,
        "name": "00000001.eml",
    }
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint != "static" and "GET" in (rule.methods or ()):
                values: dict[str, Any] = {name: known.get(name, handover.case.reference) for name in rule.arguments}
                yield rule.endpoint, url_for(rule.endpoint, **values)


def bytes_seen(page: Page, person: Person, handover: Handover) -> tuple[str, str]:
    """All that somebody can read: everywhere, and on the handover's own page."""
    everything, own = [], ""
    for endpoint, address in every_page(page.app, handover):
        answer = page._ask("GET", address, as_=person)
        everything.append(answer.text + str(answer.headers))
        own = answer.text if endpoint == "partner.handover" else own
    assert own
    return "\n".join(everything), own


def expected_grain(partner: Partner, category: str) -> str:
    return "exact" if category in EXACT_ALL_THE_SAME.get(partner.code, ()) else SEES[partner.code]


def check(text: str, own: str, *, grain: str, where: Point, place: Place) -> None:
    """The resident's words are nowhere; the place is where it may be, and as fine as it may be."""
    assert WORD not in text and "555-0142" not in text
    exact = {f"{degrees:.{digits}f}" for degrees in (where.lat, where.lon) for digits in (4, 5)}
    lattice = territory.ground().lattice
    centre = lattice.centre(lattice.cell(where))
    if grain == "exact":
        assert f"{where.lat:.5f}" in own and place.name.fr in own
        return
    assert not [digits for digits in exact if digits in text], "the exact point"
    assert place.name.fr not in own, "the place's name"
    assert (f"{centre.lat:.5f}" in own) == (grain == "cell")


@pytest.mark.parametrize("code", ["MAIRIE", "VOIRIE", "MARAUDE", "GARDE"])
def test_each_partner_of_the_made_up_city_reads_what_its_work_needs_on_any_page(app, page, cast, session, code):
    partner = session.scalars(select(Partner).where(Partner.code == code)).one()
    place = session.scalars(select(Place).where(Place.code == "jardin-des-saules")).one()
    person = someone_of(partner)
    exact = {"MAIRIE", "MARAUDE"}
    for number, category in enumerate(("DECHET-2", "LIEU-2", "SOUCI")):
        where = Point(round(-1.25123 + number / 900, 5), round(47.15531 + number / 900, 5))
        handover = entrusted(received(category, where, place.code), partner, cast.ana)
        text, own = bytes_seen(page, person, handover)
        may = code in exact or (code, category) == ("VOIRIE", "DECHET-2")
        check(text, own, grain="exact" if may else "sector", where=where, place=place)


def test_nobody_reads_what_was_entrusted_to_another(app, page, cast, session):
    place = session.scalars(select(Place).where(Place.code == "jardin-des-saules")).one()
    partner = session.scalars(select(Partner).where(Partner.code == "MARAUDE")).one()
    handover = entrusted(received("SOUCI", factories.BANK, place.code), partner, cast.ana)
    for person in (cast.lin, cast.gus):
        text, own = bytes_seen(page, person, handover)
        assert "Page introuvable" in own and handover.case.reference not in own.replace(f"/{handover.id}", "")
        assert WORD not in text and f"{factories.BANK.lat:.4f}" not in text
        for act in ("accepter", "refuser", "commencer", "terminer", "rendre", "occupation"):
            page.post(f"/partenaire/transmissions/{handover.id}/{act}", {}, as_=person, status=404)
    with pytest.raises(NotThere):
        queries.handover_or_refuse(handover.id, None)


def test_the_partner_table_of_the_shipped_city_holds_on_every_category(session):
    for table in reversed(db.metadata.sorted_tables):
        session.execute(table.delete())
    session.expire_all()
    load_profile(SHIPPED, at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    session.commit()
    place = session.scalars(select(Place).where(Place.code == "parc-champlain")).one()
    where = Point(-72.58517, 46.34023)
    cases = [received(each.code, where, place.code) for each in catalogue.categories() if each.opens_the_form]
    receiving = [partner for partner in session.scalars(select(Partner)) if partner.purposes]
    assert {partner.code for partner in receiving} == set(SEES)
    hidden = 0
    for case in cases:
        for partner in receiving:
            seen = rules.seen_by(partner, case)
            assert WORD not in repr(seen)
            grain = (
                "exact" if case.protection < Protection.NEVER_PUBLIC else expected_grain(partner, case.category.code)
            )
            assert seen.grain.value == grain, (partner.code, case.category.code)
            assert (seen.point == where) == (grain == "exact") and (seen.place is not None) == (grain == "exact")
            assert (seen.point is None) == (grain == "sector")
            hidden += grain != "exact"
    assert hidden > 100


def test_a_page_of_the_shipped_city_shows_a_cell_to_whom_the_table_gives_a_cell(app, page, session):
    for table in reversed(db.metadata.sorted_tables):
        session.execute(table.delete())
    session.expire_all()
    load_profile(SHIPPED, at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    place = session.scalars(select(Place).where(Place.code == "parc-champlain")).one()
    where = Point(-72.58517, 46.34023)
    for code in ("LH", "TP", "PDR"):
        partner = session.scalars(select(Partner).where(Partner.code == code)).one()
        person = someone_of(partner)
        handover = entrusted(received("SECU-7", where, place.code), partner, person)
        text, own = bytes_seen(page, person, handover)
        check(text, own, grain=SEES[code], where=where, place=place)


def test_a_cell_near_a_protected_site_is_a_sector_where_the_category_asks_for_it(session, cast):
    partner = session.scalars(select(Partner).where(Partner.code == "GARDE")).one()
    partner.hidden_point = HiddenPoint.CELL
    near = received("LIEU-2", factories.BY_THE_SCHOOL, "")
    far = received("LIEU-2", factories.BANK, "")
    assert near.observations[0].is_near_protected and not far.observations[0].is_near_protected
    assert (
        rules.seen_by(partner, near).grain is HiddenPoint.SECTOR
        and rules.seen_by(partner, far).grain is HiddenPoint.CELL
    )


def test_the_inbox_asks_as_many_questions_for_one_as_for_twenty(app, page, cast, session):
    from sqlalchemy import event

    asked: list[str] = []

    def count(connection, cursor, statement, *_more):
        asked.append(statement)

    voirie = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    figures = []
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        for more in (1, 19):
            for _ in range(more):
                routing.hand_over(factories.accepted(cast.ana, at=now()), voirie, by=cast.ana, at=now())
            session.commit()
            page.get("partner.inbox", as_=cast.lin)
            asked.clear()
            page.get("partner.inbox", as_=cast.lin)
            figures.append(len([each for each in asked if each.lstrip().upper().startswith("SELECT")]))
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert figures[0] == figures[1] < 15, figures


def test_ended_lately_is_the_latest_twenty_of_this_partner_only(session, cast):
    partners = {partner.code: partner for partner in session.scalars(select(Partner))}
    for number in range(22):
        handover = routing.hand_over(factories.accepted(cast.ana), partners["VOIRIE"], by=cast.ana, at=factories.MONDAY)
        routing.decline(handover, reason=f"Motif {number}", by=cast.lin, at=factories.MONDAY.replace(minute=number))
    other = routing.hand_over(factories.accepted(cast.ana), partners["MAIRIE"], by=cast.ana, at=factories.MONDAY)
    routing.decline(other, reason="Bruit", by=cast.ana, at=factories.MONDAY.replace(minute=59))
    found = queries.ended_lately(partners["VOIRIE"])
    assert [each.answer for each in found] == [f"Motif {number}" for number in range(21, 1, -1)]


def test_refusals_are_those_who_said_no_and_not_offers_that_triage_took_back(session, cast):
    partners = {partner.code: partner for partner in session.scalars(select(Partner))}
    case = factories.accepted(cast.ana)
    routing.take_back(routing.hand_over(case, partners["MAIRIE"], by=cast.ana, at=now()), by=cast.ana, at=now())
    routing.decline(
        routing.hand_over(case, partners["VOIRIE"], by=cast.ana, at=now()), reason="Non", by=cast.lin, at=now()
    )
    assert queries.refusals(case) == {partners["VOIRIE"].id}
    triage.link(case, case.links[0].action, by=cast.ana, at=now())
