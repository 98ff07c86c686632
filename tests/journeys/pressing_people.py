"""The people of the random acts: what each does with a browser of their own, and what is read of it."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import lxml.html
import time_machine
from flask import Flask
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine
from lxml.html import HtmlElement
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake.models import Observation
from cohab_report.journal import Event
from cohab_report.partners.models import Person, Role
from cohab_report.routing.models import Handover
from cohab_report.triage.models import Case, CaseObservation
from tests import factories
from tests.cast import Cast
from tests.journeys.seen_forms import SeenForm, forms_of
from tests.page import Page
from tests.stored_rows import stored_rows

REFUSED = {400, 403, 404, 409, 413, 422}
CHANGES_NO_CASE = {"triage.queue", "triage.share_filter", "triage.unshare_filter", "triage.delete_filter"}


@dataclass
class Somebody:
    """A member of staff with a browser of their own; plain values, which outlive the database session."""

    name: str
    role: str
    number: int
    journal_name: str
    does_works: bool
    is_police: bool
    partner_id: int | None
    browser: Page
    last_page: list[SeenForm] = field(default_factory=list)
    """The forms of the page that the last act ended on: refused, or to be confirmed."""

    def ask(self, method: str, address: str, **more: Any) -> TestResponse:
        """Sends a request in a session of its own: time flies here, and no session lasts for days."""
        account = db.session.get_one(Person, self.number)
        account.session_token = ""
        return self.browser._ask(method, address, as_=account, **more)


def somebody(app: Flask, cast: Cast, name: str) -> Somebody:
    person: Person = getattr(cast, name)
    works, police = (
        bool(person.partner and getattr(person.partner, flag)) for flag in ("does_works", "is_transfer_only")
    )
    values = (name, person.role, person.id, person.journal_name, works, police, person.partner_id)
    return Somebody(*values, Page(app, cast))


class PressingPeople(RuleBasedStateMachine):
    """A state machine whose steps are acts of people; each example ends with the database as it found it."""

    app: Flask
    cast: Cast
    people: list[Somebody]
    person_ids: dict[str, int]
    done: Counter[str] = Counter()
    random: Random
    """What each of them chooses; of one seed an example, since whatever else is random here changes no choice."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(factories.MONDAY, tick=False)
        self.hands = self.clock.start()
        db.session.commit()
        db.session.remove()
        self.example = db.engine.begin_nested()  # type: ignore[attr-defined]  # the test's connection, not an engine
        self.staff = [replace(each, browser=Page(self.app, self.cast), last_page=[]) for each in self.people]
        self.resident = Page(self.app, self.cast)
        self.first_case = db.session.scalar(select(func.max(Case.id))) or 0
        self.last_event = db.session.scalar(select(func.max(Event.id))) or 0
        self.before: dict[int, Any] = {}
        self.rows: dict[str, list[str]] = {}
        self.seen: list[SeenForm] = []
        self.codes: dict[str, str] = {}

    def teardown(self) -> None:
        db.session.remove()
        self.example.rollback()
        self.clock.stop()

    def send(self, category: str, belongings: str, **more: str) -> None:
        kinds = {"DECHET": "cleanliness", "LIEU": "safety", "SOUCI": "concern", "BIEN": "positive"}
        values = {
            "client_id": str(uuid4()),
            "kind": kinds[category.partition("-")[0]],
            "category": category,
            "asked": category,
            "place": "halle",
            "observed_on": now().date().isoformat(),
            "belongings": belongings,
            "danger_passed": "yes",
            "answer_danger": "no" if category == "SOUCI" else "",
            **more,
        }
        token = self.resident._ask("GET", "/signaler/jeton", as_=None).get_json()["token"]
        answer = self.resident._ask(
            "POST",
            "/signaler/envoyer",
            as_=None,
            data={name: value for name, value in values.items() if value},
            headers={"Accept": "application/json", "X-CSRFToken": token},
            environ_overrides={"REMOTE_ADDR": f"10.1.{len(self.before)}.{len(self.seen) % 250}"},
        )
        assert answer.status_code == 200, answer.text[:500]
        receipt = answer.get_json()
        self.codes[receipt["reference"]] = receipt["code"]
        note(f"sent {category} {belongings} {more}")
        self.rows = {}
        self.done["sent"] += 1

    def forged(self, form: SeenForm) -> tuple[Somebody, SeenForm] | None:
        """Returns the form as somebody sends it about another case or handover than the one it was shown for."""
        if "reference" in dict(form.values):
            case, person = self.random.choice(self.cases()), self.random.choice([*self.staff[:2] * 4, *self.staff])
            form = form.aimed_at(case.version, reference=case.reference)
        else:
            handovers = db.session.scalars(select(Handover).order_by(Handover.id)).all()
            if not handovers:
                return None
            handover = self.random.choice(handovers)
            person = next((each for each in self.staff if each.partner_id == handover.partner_id), self.staff[0])
            form = form.aimed_at(handover.version, number=handover.id)
        return person, replace(form, hidden=(*form.hidden, ("csrf_token", person.browser.token())))

    def press_on_page(self, person: Somebody, case: str = "") -> None:
        """Presses something on the page that the last act ended on, or on another one."""
        goes_on = person.last_page and self.random.random() < 0.5
        forms = person.last_page if goes_on else self.forms_on_a_page(person, case)
        if forms:
            endpoint = self.random.choice(sorted({form.endpoint for form in forms}))
            self.press(person, self.random.choice([form for form in forms if form.endpoint == endpoint]))

    def forms_on_a_page(self, person: Somebody, case: str) -> list[SeenForm]:
        if person.role == Role.TRIAGER:
            address = f"/tri/dossiers/{case}"
            address += "/police" if self.random.random() < 0.1 else ""
        else:
            shown = page_of(person.ask("GET", "/partenaire"))
            addresses = shown.xpath("//main//a[contains(@href, '/partenaire/transmissions/')]/@href")
            if not addresses:
                return []
            address = self.random.choice(addresses)
        answer = person.ask("GET", address)
        assert answer.status_code == 200, (address, answer.status_code)
        forms = forms_of(self.app, page_of(answer), self.days())
        self.seen += [form for form in forms if {"reference", "number"} & dict(form.values).keys()]
        return forms

    def press(self, person: Somebody, form: SeenForm) -> None:
        before, typed = self.rows or stored_rows(), form.filled_in(self.random)
        if "merge-into" in typed:
            typed["merge-into"] = self.random.choice([case.reference for case in self.cases()])
        note(f"{person.name} {form.endpoint} {dict(form.values)} {typed}")
        answer = person.ask("POST", form.address(self.app), data=typed)
        self.answered(form, answer)
        person.last_page = forms_of(self.app, page_of(answer), self.days()) if answer.status_code in (200, 422) else []
        self.rows = stored_rows()
        is_changed = self.rows != before
        recorded = self.new_events(Event.actor == person.journal_name)
        assert not (is_changed and answer.status_code in REFUSED), "refused, and done all the same"
        assert not is_changed or recorded, "done, and not in the journal"
        if answer.status_code == 303 and form.endpoint not in CHANGES_NO_CASE:
            assert recorded, "said to be done, and not in the journal"

    def answered(self, form: SeenForm, answer: TestResponse) -> None:
        note(f"   {answer.status_code}")
        assert answer.status_code in {200, 303, *REFUSED}, (form.endpoint, answer.status_code, answer.text[:1500])
        if answer.status_code == 303:
            self.done[form.endpoint] += 1

    def days(self) -> dict[str, str]:
        return {str(away): (now() + timedelta(days=away)).date().isoformat() for away in (-5, 0, 0, 1)}

    def cases(self) -> list[Case]:
        return list(db.session.scalars(select(Case).where(Case.id > self.first_case).order_by(Case.id)))

    def observations(self) -> list[Observation]:
        query = select(Observation).join(CaseObservation, CaseObservation.observation_id == Observation.id)
        return list(db.session.scalars(query.where(CaseObservation.case_id > self.first_case).order_by(Observation.id)))

    def new_events(self, *conditions: Any) -> list[Event]:
        return list(db.session.scalars(select(Event).where(Event.id > self.last_event, *conditions).order_by(Event.id)))


def page_of(answer: TestResponse) -> HtmlElement:
    return lxml.html.document_fromstring(answer.text)
