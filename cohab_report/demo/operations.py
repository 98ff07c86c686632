"""Creates the demo data (accounts and a year of observations), once, and deletes it again.

Goes through the operations that real people use, labels observations by their channel, and refuses in production.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category
from cohab_report.db import transaction
from cohab_report.demo import monthly_profile, people, queries, scenarios
from cohab_report.demo.people import DemoCast, DemoSignIn
from cohab_report.demo.submissions import SubmissionMaker, demo_client_ids
from cohab_report.demo.timeline import CaseTimeline, StepInFuture
from cohab_report.errors import CohabError
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake.cells import operations as cells
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.models import Belongings, Observation, Status
from cohab_report.partners import passwords
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases

SEED = 20250101
OLDEST_DAYS = 360
PAST_OBSERVATIONS = 200
"""Observations of the year before the last three weeks."""
YOUNGEST_PAST_DAYS = 21
FLOOD_OBSERVATIONS = 7
FLOOD_NETWORK = "a network that nobody has"


class DemoRefused(CohabError):
    """Raised in production, where residents may be real: demo data is refused there."""


class RealDataFound(DemoRefused):
    """The database holds accounts or observations, and no demo made it: they may be real."""


@dataclass(frozen=True)
class DemoReport:
    """The result of creating demo data: sign-ins, observations created and in all, and follow-up codes to try."""

    sign_ins: Sequence[DemoSignIn]
    created: int
    total: int
    codes: Sequence[tuple[Status, str]]

    def __str__(self) -> str:
        lines = ["Demo sign-ins (address, password, role):", *(f"  {each}" for each in self.sign_ins)]
        lines += [f"{self.created or 'No'} new made-up observations, {self.total} in all."]
        lines += [f"Follow-up code to try ({status.value}): {code}" for status, code in self.codes]
        return "\n".join(lines)


def create_demo_data(password: str = "", *, at: datetime) -> DemoReport:
    """Creates the demo accounts with this password (a random one if empty) and, unless they exist, a year of
    observations.

    Makes its own transaction, after hashing the password. Raises DemoRefused in production and where the data may be
    real, Unavailable without a city, NotFound for a city without a triage team, works or outreach partner.
    """
    _refuse_among_real_data()
    chosen = people.account_password(password or current_settings().demo_password or passwords.new_password())
    with transaction():
        return _create_demo_data(chosen, at)


def _create_demo_data(password: people.AccountPassword, at: datetime) -> DemoReport:
    actors, created = people.create_accounts(password, at=at), 0
    if queries.demo_observations() == 0:
        with journal.without_announcement():
            created = _DemoYear(actors, at).create()
        editions.make_edition(at=at)  # what has had its time on the public list has left it
        publishing.forget_publications()  # figures show the demo data from its first minute
    cells.recount_cells(at=at)
    insight.recount_months(at=at)
    publishing.publish_quarters(at=at)
    examples = [(status, queries.latest_with_status(status)) for status in (Status.DONE, Status.TAKEN_UP)]
    ids_by_hash = demo_client_ids(queries.demo_observations(), current_settings().code_keys)
    codes = [
        (status, intake.code_of(observation, ids_by_hash[observation.client_hash]))
        for status, observation in examples
        if observation is not None and observation.client_hash in ids_by_hash
    ]
    return DemoReport(people.demo_sign_ins(actors, password.password), created, queries.demo_observations(), codes)


def delete_demo_data(*, at: datetime) -> int:
    """Deletes the demo observations with their cases and closes the demo accounts; returns how many observations there
    were.

    Raises DemoRefused in production and where the data may be real.
    """
    _refuse_among_real_data()
    rows = queries.demo_rows()
    queries.delete_rows(rows)
    people.close_accounts(at=at)
    publishing.forget_publications()
    cells.recount_cells(at=at)
    insight.recount_months(at=at)
    publishing.publish_quarters(at=at)
    return len(rows.observations)


class _DemoYear:
    """Creates the observations of the demo year, always the same for one city, time and key."""

    def __init__(self, actors: DemoCast, now: datetime) -> None:
        self.cast, self.now, self.city, self.created = actors, now, territory.city_facts(), 0
        self.rng = Random(SEED)  # noqa: S311 (nothing is secret)
        places = [place for place in territory.places() if self.city.contains(place.point)]
        self.submissions = SubmissionMaker(places, self.city, self.rng, current_settings().newest_code_key)
        self.categories = [category for category in catalogue.categories() if category.opens_the_form]

    def create(self) -> int:
        """Creates all observations and cases; returns how many observations."""
        for ago, category in self._draw_past():
            scenario = self.rng.choices(list(scenarios.PAST_SCENARIOS), list(scenarios.PAST_SCENARIOS.values()))[0]
            self._play(self._receive(category, self._random_time(ago)), scenario)
        self._create_present()
        self._create_flood()
        return self.created

    def _draw_past(self) -> list[tuple[int, Category]]:
        today = self.now.astimezone(self.city.zone).date()
        return monthly_profile.draw_days(
            today,
            count=PAST_OBSERVATIONS,
            earliest=OLDEST_DAYS,
            latest=YOUNGEST_PAST_DAYS,
            categories=self.categories,
            rng=self.rng,
        )

    def _create_present(self) -> None:
        works = [category for category in self.categories if category.asks_belongings]
        for index, category in enumerate(self.categories):
            self._play(self._receive(category, self._hours_ago(3 + 5 * (index % 9)), Belongings.NO), scenarios.new_case)
            self._play(
                self._receive(category, self._hours_ago(24 * (7 + index % 5)), Belongings.NO), scenarios.closed_case
            )
        for index, (scenario, days) in enumerate(scenarios.WORKS_SCENARIOS.items()):
            self._play(self._receive(works[index % len(works)], self._hours_ago(24 * days), Belongings.NO), scenario)
        for index, (scenario, days) in enumerate(scenarios.OCCUPANCY_SCENARIOS.items()):
            belongings = Belongings.YES if index % 2 else Belongings.UNKNOWN
            self._play(self._receive(works[index % len(works)], self._hours_ago(24 * days), belongings), scenario)
        self._merged_duplicates(works[0])

    def _merged_duplicates(self, category: Category) -> None:
        """Creates two observations of the same thing, the second case merged into the first."""
        first, second = (self._receive(category, self._hours_ago(hours), Belongings.NO) for hours in (52, 47))
        triage.merge(second.case, into=first.case, by=self.cast.ana, at=self._hours_ago(30))

    def _create_flood(self) -> None:
        """Creates a flood: one network sends too many within the hour, and the last ones wait in quarantine."""
        for minute in range(FLOOD_OBSERVATIONS):
            self._receive(
                self.categories[0], self._hours_ago(2) + timedelta(minutes=minute), Belongings.NO, network=FLOOD_NETWORK
            )

    def _receive(
        self, category: Category, at: datetime, belongings: Belongings | None = None, network: str | None = None
    ) -> CaseTimeline:
        self.created += 1
        submission = self.submissions.make_submission(self.created, category, at, belongings)
        observation: Observation = receiving.receive(submission, at=at, network=network)
        return CaseTimeline(
            cases.case_of_observation(observation.id), observation, at, self.now, self.city.zone, self.cast, self.rng
        )

    def _play(self, timeline: CaseTimeline, scenario: scenarios.Scenario) -> None:
        try:
            scenario(timeline)
        except StepInFuture:
            return

    def _random_time(self, days_ago: int) -> datetime:
        """Returns a random time of that day between 7 h and 22 h in the city's zone."""
        day = self.now.astimezone(self.city.zone).date() - timedelta(days=days_ago)
        local = datetime.combine(day, time(self.rng.randint(7, 21), self.rng.randint(0, 59)), self.city.zone)
        return local.astimezone(self.now.tzinfo)

    def _hours_ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)


def _refuse_among_real_data() -> None:
    # What the database holds counts, not only what the settings say: an address is soon copied from the wrong line.
    if current_settings().is_production:
        raise DemoRefused
    if queries.holds_real_data():
        raise RealDataFound
