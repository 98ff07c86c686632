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
from cohab_report.cities.tables import PROFILES_FOLDER
from cohab_report.clock import now, today
from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.geo import Point
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings
from cohab_report.intake.rules import Submission
from cohab_report.partners.models import HiddenPoint, Partner, Person, Role
from cohab_report.routing import operations as routing
from cohab_report.routing import queries, seeing
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as triage_queries
from tests import factories
from tests.page import Page

SHIPPED = PROFILES_FOLDER / "trois_rivieres"
RESIDENT_SAYS = "Ecrivez-moi au 819 555-0142, manteau orange"
WORD = "manteau orange"
PRECISION_BY_PARTNER = {
    "TP": "sector",
    "SDC": "sector",
    "NOMADE": "exact",
    "PDR": "exact",
    "CIUSSS": "exact",
    "LH": "cell",
    "DPTR": "sector",
    "VILLE": "exact",
    "CULTURE3R": "sector",
    "BIBLIO": "sector",
    "CDC": "sector",
    "EQUI": "sector",
    "TANDEM": "sector",
    "CSSCDR": "sector",
    "STTR": "sector",
}
"""How precisely each partner of the shipped city sees a never-public place (domain.md 6.3); a copy, on purpose."""
ALWAYS_EXACT_CATEGORIES = {"TP": {"PROP-3", "PROP-8"}}


def accepted_handover(case, partner: Partner, by: Person) -> Handover:
    """The case in this partner's hands, whether or not a rule or a person could have sent it there."""
    handover = Handover(
        case=case,
        partner=partner,
        state=HandoverState.ACCEPTED,
        offered_by=by,
        offered_at=now(),
        answered_at=now(),
        reason="Mot du tri",
    )
    db.session.add(handover)
    db.session.flush()
    return handover


def case_at_place(category: str, where: Point, place: str):
    """The case of an observation with words of its own, at a place that has a name and a point of its own."""
    known = catalogue.category_or_refuse(category)
    answers = {
        each.code: ("no" if "no" in each.option_codes else each.option_codes[-1])
        for each in known.questions
        if each.is_required
    }
    belongings = Belongings.YES if known.asks_belongings else Belongings.NOT_ASKED
    draft = Submission(
        client_id=uuid4(),
        category=category,
        point=where,
        place=place,
        observed_on=today(territory.city_facts().zone),
        text=RESIDENT_SAYS,
        answers=answers,
        belongings=belongings,
    )
    return triage_queries.case_of_observation(receiving.receive(draft, at=now()).id)


def person_of_partner(partner: Partner) -> Person:
    """Somebody who works for this partner."""
    person = Person(
        email=f"{partner.code.lower()}@test.example",
        name="Quelqu’un",
        role=Role.PARTNER,
        password_hash="-",
        partner=partner,
        is_active=True,
    )
    db.session.add(person)
    db.session.flush()
    return person


def every_page(app, handover: Handover):
    """Each address that can be read, filled with what this handover and its case are called."""
    known = {
        "number": handover.id,
        "reference": handover.case.reference,
        "code": handover.case.reference,
        "name": f"{'x' * 32}.eml",
    }
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint != "static" and "GET" in (rule.methods or ()):
                values: dict[str, Any] = {name: known.get(name, handover.case.reference) for name in rule.arguments}
                yield rule.endpoint, url_for(rule.endpoint, **values)


def readable_text(page: Page, person: Person, handover: Handover) -> tuple[str, str]:
    """All that somebody can read: everywhere, and on the handover's own page."""
    everything, own = [], ""
    for endpoint, address in every_page(page.app, handover):
        answer = page._ask("GET", address, as_=person)
        everything.append(answer.text + str(answer.headers))
        own = answer.text if endpoint == "partner.handover" else own
    assert own
    return "\n".join(everything), own


def expected_precision(partner: Partner, category: str) -> str:
    return "exact" if category in ALWAYS_EXACT_CATEGORIES.get(partner.code, ()) else PRECISION_BY_PARTNER[partner.code]


def assert_hidden(text: str, own: str, *, precision: str, where: Point, place: Place) -> None:
    """The resident's words are nowhere; the place is where it may be, and as fine as it may be."""
    assert WORD not in text and "555-0142" not in text
    exact = {f"{degrees:.{digits}f}" for degrees in (where.lat, where.lon) for digits in (4, 5)}
    lattice = territory.city_facts().lattice
    centre = lattice.centre(lattice.cell(where))
    if precision == "exact":
        assert f"{where.lat:.5f}" in own and place.name.fr in own
        return
    assert not [digits for digits in exact if digits in text], "the exact point"
    assert place.name.fr not in own, "the place's name"
    assert (f"{centre.lat:.5f}" in own) == (precision == "cell")


@pytest.mark.parametrize("code", ["MAIRIE", "VOIRIE", "MARAUDE", "GARDE"])
def test_each_partner_of_the_made_up_city_reads_what_its_work_needs_on_any_page(app, page, cast, session, code):
    partner = session.scalars(select(Partner).where(Partner.code == code)).one()
    place = session.scalars(select(Place).where(Place.code == "jardin-des-saules")).one()
    person = person_of_partner(partner)
    exact = {"MAIRIE", "MARAUDE"}
    for number, category in enumerate(("DECHET-2", "LIEU-2", "SOUCI")):
        where = Point(round(-1.25123 + number / 900, 5), round(47.15531 + number / 900, 5))
        handover = accepted_handover(case_at_place(category, where, place.code), partner, cast.ana)
        text, own = readable_text(page, person, handover)
        may = code in exact or (code, category) == ("VOIRIE", "DECHET-2")
        assert_hidden(text, own, precision="exact" if may else "sector", where=where, place=place)


def test_nobody_reads_what_was_entrusted_to_another(app, page, cast, session):
    place = session.scalars(select(Place).where(Place.code == "jardin-des-saules")).one()
    partner = session.scalars(select(Partner).where(Partner.code == "MARAUDE")).one()
    handover = accepted_handover(case_at_place("SOUCI", factories.BANK, place.code), partner, cast.ana)
    for person in (cast.lin, cast.gus):
        text, own = readable_text(page, person, handover)
        assert "Page introuvable" in own and handover.case.reference not in own
        assert WORD not in text and f"{factories.BANK.lat:.4f}" not in text
        for act in ("accepter", "refuser", "commencer", "terminer", "rendre", "occupation"):
            page.post(f"{page.address('partner.handover', number=handover.id)}/{act}", {}, as_=person, status=404)
    with pytest.raises(NotFound):
        queries.handover_or_refuse(handover.id, None)


def test_the_partner_table_of_the_shipped_city_holds_on_every_category(session):
    for table in reversed(db.metadata.sorted_tables):
        session.execute(table.delete())
    session.expire_all()
    load_profile(SHIPPED, at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    session.commit()
    place = session.scalars(select(Place).where(Place.code == "parc-champlain")).one()
    where = Point(-72.58517, 46.34023)
    cases = [case_at_place(each.code, where, place.code) for each in catalogue.categories() if each.opens_the_form]
    receiving = [partner for partner in session.scalars(select(Partner)) if partner.purposes]
    assert {partner.code for partner in receiving} == set(PRECISION_BY_PARTNER)
    hidden = 0
    for case in cases:
        for partner in receiving:
            visible_case = seeing.case_for_partner(partner, case)
            assert WORD not in repr(visible_case)
            precision = (
                "exact"
                if case.protection < Protection.NEVER_PUBLIC
                else expected_precision(partner, case.category.code)
            )
            assert visible_case.location_precision.value == precision, (partner.code, case.category.code)
            assert (visible_case.point == where) == (precision == "exact") and (visible_case.place is not None) == (
                precision == "exact"
            )
            assert (visible_case.point is None) == (precision == "sector")
            hidden += precision != "exact"
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
        person = person_of_partner(partner)
        handover = accepted_handover(case_at_place("SECU-7", where, place.code), partner, person)
        text, own = readable_text(page, person, handover)
        assert_hidden(text, own, precision=PRECISION_BY_PARTNER[code], where=where, place=place)


def test_a_cell_near_a_protected_site_is_a_sector_where_the_category_asks_for_it(session, cast):
    partner = session.scalars(select(Partner).where(Partner.code == "GARDE")).one()
    partner.hidden_point = HiddenPoint.CELL
    near = case_at_place("LIEU-2", factories.BY_THE_SCHOOL, "")
    far = case_at_place("LIEU-2", factories.BANK, "")
    assert near.observations[0].is_near_protected and not far.observations[0].is_near_protected
    assert (
        seeing.case_for_partner(partner, near).location_precision is HiddenPoint.SECTOR
        and seeing.case_for_partner(partner, far).location_precision is HiddenPoint.CELL
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
                routing.hand_over(factories.accepted_case(cast.ana, at=now()), voirie, by=cast.ana, at=now())
            session.commit()
            page.get("partner.inbox", as_=cast.lin)
            asked.clear()
            page.get("partner.inbox", as_=cast.lin)
            figures.append(len([each for each in asked if each.lstrip().upper().startswith("SELECT")]))
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert figures[0] == figures[1] < 15, figures


def test_ended_handovers_are_the_latest_twenty_of_this_partner_only(session, cast):
    partners = {partner.code: partner for partner in session.scalars(select(Partner))}
    for number in range(22):
        handover = routing.hand_over(
            factories.accepted_case(cast.ana), partners["VOIRIE"], by=cast.ana, at=factories.MONDAY
        )
        routing.decline_handover(
            handover, reason=f"Motif {number}", by=cast.lin, at=factories.MONDAY.replace(minute=number)
        )
    other = routing.hand_over(factories.accepted_case(cast.ana), partners["MAIRIE"], by=cast.ana, at=factories.MONDAY)
    routing.decline_handover(other, reason="Bruit", by=cast.ana, at=factories.MONDAY.replace(minute=59))
    found = queries.ended_handovers(partners["VOIRIE"])
    assert [each.answer for each in found] == [f"Motif {number}" for number in range(21, 1, -1)]


def test_refusing_partners_are_those_who_said_no_and_not_offers_that_triage_took_back(session, cast):
    partners = {partner.code: partner for partner in session.scalars(select(Partner))}
    case = factories.accepted_case(cast.ana)
    routing.take_back(routing.hand_over(case, partners["MAIRIE"], by=cast.ana, at=now()), by=cast.ana, at=now())
    routing.decline_handover(
        routing.hand_over(case, partners["VOIRIE"], by=cast.ana, at=now()), reason="Non", by=cast.lin, at=now()
    )
    assert queries.refusing_partner_ids(case) == {partners["VOIRIE"].id}
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=now())
