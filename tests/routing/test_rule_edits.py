"""A person adds, changes and retires routing rules: what would break a promise or a newer version is refused."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cohab_report import create_app
from cohab_report.db import Words, db, transaction
from cohab_report.errors import Invalid, NotFound, Stale
from cohab_report.journal import Event
from cohab_report.partners.models import Partner, Person, Role
from cohab_report.routing import operations as routing
from cohab_report.routing import promises, queries
from cohab_report.routing.models import Rule, RuleHours, RuleOccupancy, RuleOrigin
from cohab_report.routing.operations import RuleDraft
from cohab_report.routing.rule_table import Promise, PromisesBroken
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_for

AT = factories.MONDAY
NIGHT = RuleDraft(
    code="souci-nuit",
    position=35,
    partner="MAIRIE",
    because=Words("La nuit, la mairie répond.", "At night, the town hall answers."),
    categories=["SOUCI"],
    hours=RuleHours.CLOSED,
)
CALM = RuleDraft("calme", 30, "MARAUDE", Words("La maraude y va.", "Outreach goes."), ["LIEU-2"])
BANKS = RuleDraft(
    "berges",
    20,
    "VOIRIE",
    Words("La voirie entretient.", "Street works keep them."),
    ["DECHET-1", "DECHET-2", "DECHET-3", "LIEU-1"],
    occupancy=RuleOccupancy.NONE,
)


def rule(code: str) -> Rule:
    return db.session.scalars(select(Rule).where(Rule.code == code).execution_options(populate_existing=True)).one()


def rule_events() -> list[tuple[str, str, str, dict[str, Any]]]:
    rows = db.session.scalars(select(Event).where(Event.name.startswith("rule.")).order_by(Event.id))
    return [(row.name, row.thread, row.actor, row.facts) for row in rows]


def test_the_rules_of_the_profile_keep_every_promise_and_belong_to_nobody(session: Session) -> None:
    assert promises.broken_promises(queries.rule_table()) == []
    assert queries.rules_of_people() == []
    assert {each.version for each in queries.rules_in_force()} == {1}


def test_a_rule_that_a_person_adds_is_in_force_says_whose_it_is_and_is_recorded(session: Session, cast: Cast) -> None:
    saved = routing.save_rule(NIGHT, read_version=None, by=cast.admin, at=AT)
    session.commit()
    stored = rule("souci-nuit")
    assert (stored.origin, stored.edited_by, stored.edited_at, stored.version) == (
        RuleOrigin.PERSON,
        cast.admin,
        AT,
        1,
    )
    assert (stored.categories, stored.hours, stored.occupancy, stored.partner.code, stored.because) == (
        ["SOUCI"],
        RuleHours.CLOSED,
        RuleOccupancy.ANY,
        "MAIRIE",
        NIGHT.because,
    )
    assert rule_events() == [
        ("rule.added", f"rule:{saved.id}", cast.admin.journal_name, {"rule": saved.id, "version": 1})
    ]
    night = AT.replace(hour=22)
    suggestion = routing.suggest_partner(factories.case("SOUCI", at=AT), at=night)
    assert suggestion is not None
    assert suggestion.rule_code == "souci-nuit"


def test_a_rule_of_the_profile_that_a_person_changes_keeps_its_origin_and_is_a_person_s_from_then_on(
    session: Session, cast: Cast
) -> None:
    routing.save_rule(CALM, read_version=1, by=cast.admin, at=AT)
    changed = rule("calme")
    assert (changed.origin, changed.partner.code, changed.version, changed.belongs_to_people) == (
        RuleOrigin.PROFILE,
        "MARAUDE",
        2,
        True,
    )
    assert rule_events() == [
        ("rule.changed", f"rule:{changed.id}", cast.admin.journal_name, {"rule": changed.id, "version": 2})
    ]
    assert [each.code for each in queries.rules_of_people()] == ["calme"]


def test_a_rule_is_retired_kept_and_put_back_in_force(session: Session, cast: Cast) -> None:
    routing.retire_rule("mercis-sud", read_version=1, by=cast.admin, at=AT)
    assert "mercis-sud" not in {each.code for each in queries.rules_in_force()}
    assert rule("mercis-sud").belongs_to_people
    with pytest.raises(NotFound):
        routing.retire_rule("mercis-sud", read_version=2, by=cast.admin, at=AT)
    garden = RuleDraft("mercis-sud", 45, "VOIRIE", NIGHT.because, ["BIEN-1"], places=["jardin-des-saules"])
    routing.save_rule(garden, read_version=2, by=cast.admin, at=AT)
    assert "mercis-sud" in {each.code for each in queries.rules_in_force()}
    assert [name for name, *_rest in rule_events()] == ["rule.retired", "rule.changed"]


def test_who_read_an_older_version_is_refused_and_changes_nothing(session: Session, cast: Cast) -> None:
    routing.save_rule(CALM, read_version=1, by=cast.admin, at=AT)
    other = replace(CALM, partner="MAIRIE")
    with pytest.raises(Stale) as stale:
        routing.save_rule(other, read_version=1, by=cast.ana, at=AT)
    assert stale.value.changes == {"version": ("1", "2")}
    with pytest.raises(Stale):
        routing.retire_rule("calme", read_version=1, by=cast.ana, at=AT)
    assert (rule("calme").partner.code, rule("calme").edited_by, len(rule_events())) == ("MARAUDE", cast.admin, 1)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"code": "berges"}, "code", "taken"),
        ({"code": "Nuit et jour"}, "code", "not_a_code"),
        ({"code": "n" * 41}, "code", "not_a_code"),
        ({"position": -1}, "position", "negative"),
        ({"partner": "POMPIERS"}, "partner", "unknown"),
        ({"categories": ["SOUCI", "ODEUR"]}, "categories", "unknown"),
        ({"categories": ["BIEN-2"]}, "categories", "unknown"),  # a signpost: it opens no form
        ({"queues": ["nuit"]}, "queues", "unknown"),
        ({"places": ["jardin"]}, "places", "unknown"),
        ({"sectors": ["jardin-des-saules"]}, "sectors", "unknown"),
        ({"because": Words(" ", "Because")}, "because_fr", "missing"),
        ({"because": Words("Parce que", "x" * 301)}, "because_en", "too_long"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_a_draft_with_a_mistake_is_refused_at_its_field(
    session: Session, cast: Cast, changes: dict[str, Any], field: str, reason: str
) -> None:
    before = session.scalar(select(func.count()).select_from(Rule))
    with pytest.raises(Invalid) as refused, session.begin_nested():
        routing.save_rule(replace(NIGHT, **changes), read_version=None, by=cast.admin, at=AT)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert session.scalar(select(func.count()).select_from(Rule)) == before
    assert rule_events() == []


def test_a_rule_that_nobody_has_can_be_neither_changed_nor_retired(session: Session, cast: Cast) -> None:
    with pytest.raises(NotFound):
        routing.save_rule(NIGHT, read_version=1, by=cast.admin, at=AT)
    with pytest.raises(NotFound):
        routing.retire_rule("souci-nuit", read_version=1, by=cast.admin, at=AT)


@pytest.mark.parametrize(
    ("draft", "read_version", "promise", "named"),
    [
        (replace(NIGHT, partner="GARDE"), None, Promise.NO_POLICE, "souci-nuit"),
        (replace(BANKS, occupancy=RuleOccupancy.ANY), 1, Promise.WORKS_STAY_AWAY, "berges"),
        (
            replace(NIGHT, categories=["DECHET-1"], partner="VOIRIE", occupancy=RuleOccupancy.POSSIBLE),
            None,
            Promise.OUTREACH_FIRST,
            "souci-nuit",
        ),
        (replace(NIGHT, partner="VOIRIE"), None, Promise.PURPOSE, "souci-nuit"),
        (replace(NIGHT, position=30), None, Promise.ONE_POSITION, "calme"),
        (replace(NIGHT, position=95, partner="MARAUDE"), None, Promise.NOT_SHADOWED, "souci-nuit"),
        (replace(NIGHT, queues=["berges"]), None, Promise.MAY_FIT, "souci-nuit"),
        (replace(CALM, hours=RuleHours.OPEN), 1, Promise.OWNER, "LIEU-2"),
        (replace(CALM, places=["quai"]), 1, Promise.OWNER, "LIEU-2"),
    ],
    ids=lambda value: value.value if isinstance(value, Promise) else None,
)
def test_what_would_break_a_promise_is_refused_and_named(
    session: Session, cast: Cast, draft: RuleDraft, read_version: int | None, promise: Promise, named: str
) -> None:
    before = queries.rule_table()
    with pytest.raises(PromisesBroken) as refused:
        routing.save_rule(draft, read_version=read_version, by=cast.admin, at=AT)
    assert (promise, named) in {(each.promise, each.rule or each.category) for each in refused.value.broken}
    session.expire_all()
    assert queries.rule_table() == before
    assert rule_events() == []


@pytest.mark.parametrize("code", ["occupe", "berges", "calme", "souci", "mercis"])
def test_the_only_owner_of_a_category_can_t_be_retired(session: Session, cast: Cast, code: str) -> None:
    with pytest.raises(PromisesBroken) as refused:
        routing.retire_rule(code, read_version=1, by=cast.admin, at=AT)
    assert {each.promise for each in refused.value.broken} == {Promise.OWNER}
    assert not rule(code).is_retired


def test_what_is_broken_already_does_not_stop_its_mending_step_by_step(session: Session, cast: Cast) -> None:
    session.scalars(select(Partner).where(Partner.code == "MAIRIE")).one().is_retired = True
    session.flush()
    faults = {(each.promise, each.rule) for each in promises.broken_promises(queries.rule_table())}
    assert faults == {(Promise.IN_SERVICE, "calme"), (Promise.IN_SERVICE, "mercis")}
    routing.save_rule(CALM, read_version=1, by=cast.admin, at=AT)
    assert {each.rule for each in promises.broken_promises(queries.rule_table())} == {"mercis"}
    with pytest.raises(PromisesBroken):
        routing.save_rule(replace(CALM, partner="GARDE"), read_version=2, by=cast.admin, at=AT)


@pytest.fixture(params=["sqlite", "postgres"])
def two_apps(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[list[Flask]]:
    """Two processes' applications on one database of their own, with the cast and a second owner of LIEU-2."""
    url = new_database(request.param, "two_editors")
    apps = [create_app(settings_for(url)), create_app(settings_for(url))]
    with apps[0].app_context(), transaction():
        cast = Cast.create(db.session())
    with apps[0].app_context(), transaction():
        admin = db.session.merge(cast.admin)
        routing.save_rule(replace(CALM, code="calme-relais", position=31), read_version=None, by=admin, at=AT)
    yield apps
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_two_people_who_retire_the_two_owners_of_a_category_at_once_leave_it_one(two_apps: list[Flask]) -> None:
    """Each change alone keeps the promise, and both together break it: the second is weighed after the first."""
    start = threading.Barrier(2, timeout=60)
    outcomes: list[str] = []

    def retire(app: Flask, code: str) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    admin = db.session.scalars(select(Person).where(Person.role == Role.ADMIN)).one()
                    routing.retire_rule(code, read_version=1, by=admin, at=AT)
                outcomes.append("retired")
            except PromisesBroken as broken:
                outcomes.append(broken.reason)

    threads = [
        threading.Thread(target=retire, args=pair) for pair in zip(two_apps, ("calme", "calme-relais"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["owner", "retired"]
    with two_apps[0].app_context():
        assert promises.broken_promises(queries.rule_table()) == []
