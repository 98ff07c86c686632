"""Filling a trial with a made-up year, once, and emptying it again. All of it through the operations that real people use, all of it
labelled by its channel, and none of it where residents could be real.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import cast

from flask import current_app

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category
from cohab_report.demo import fates, people, queries, seasons
from cohab_report.demo.people import Cast, SignIn
from cohab_report.demo.sketches import Stage
from cohab_report.demo.story import NotYet, Story
from cohab_report.errors import CohabError
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.intake import operations as intake
from cohab_report.intake.cells import operations as cells
from cohab_report.intake.models import Belongings, Observation, Status
from cohab_report.settings import Settings
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases

SEED = 20250101
A_YEAR = 360
PAST = 200
"""Observations of the year before the last three weeks."""
YOUNGEST_PAST = 21
BURST = 7
NETWORK = "a network that nobody has"


class NotHere(CohabError):
    """Made-up people and observations are refused where residents may be real."""


@dataclass(frozen=True)
class DemoReport:
    """Who can sign in, what was made, and two follow-up codes to try."""

    sign_ins: Sequence[SignIn]
    made: int
    there: int
    codes: Sequence[tuple[Status, str]]

    def __str__(self) -> str:
        lines = ["Demo sign-ins (address, password, role):", *(f"  {each}" for each in self.sign_ins)]
        lines += [f"{self.made or 'No'} new made-up observations, {self.there} in all."]
        lines += [f"Follow-up code to try ({status.value}): {code}" for status, code in self.codes]
        return "\n".join(lines)


def fill(password: str = "", *, at: datetime) -> DemoReport:
    """The demo accounts are there with this password (a random one when empty), and a made-up year of observations; made only once.

    Raises NotHere in production, Unavailable without a city, NotThere for a city without a triage team, works or outreach partner.
    """
    _refuse_in_production()
    password = password or _settings().demo_password or people.new_password()
    actors, made = people.hired(password, at=at), 0
    if queries.demo_observations() == 0:
        with journal.told_to_nobody():
            made = _Year(actors, at).tell()
        publishing.forget_publications()  # a trial shows what is made up from its first minute
    cells.recount(at=at)
    insight.recount(at=at)
    publishing.publish(at=at)
    told = [(status, queries.latest_told(status)) for status in (Status.DONE, Status.TAKEN_UP)]
    codes = [(status, intake.code_of(observation)) for status, observation in told if observation is not None]
    return DemoReport(people.sign_ins(actors, password), made, queries.demo_observations(), codes)


def empty(*, at: datetime) -> int:
    """The made-up observations are gone with all that hangs on them, and the demo accounts are closed; returns how many there were.

    Raises NotHere in production.
    """
    _refuse_in_production()
    gone = queries.doomed()
    queries.erase(gone)
    people.dismissed()
    publishing.forget_publications()
    cells.recount(at=at)
    insight.recount(at=at)
    publishing.publish(at=at)
    return len(gone.observations)


class _Year:
    """One telling of the made-up year."""

    def __init__(self, actors: Cast, now: datetime) -> None:
        self.cast, self.now, self.ground, self.rng, self.made = actors, now, territory.ground(), Random(SEED), 0  # noqa: S311 (nothing is secret)
        places = [place for place in territory.places() if self.ground.contains(place.point)]
        self.stage = Stage(places, self.ground, self.rng, _settings().code_key)
        self.categories = [category for category in catalogue.categories() if category.opens_the_form]

    def tell(self) -> int:
        """All of it is in the database; returns how many observations that made."""
        for ago, category in self._past():
            fate = self.rng.choices(list(fates.PAST), list(fates.PAST.values()))[0]
            self._live(self._begun(category, self._moment(ago)), fate)
        self._present()
        self._burst()
        return self.made

    def _past(self) -> list[tuple[int, Category]]:
        today = self.now.astimezone(self.ground.zone).date()
        return seasons.days_before(
            today, count=PAST, earliest=A_YEAR, latest=YOUNGEST_PAST, categories=self.categories, rng=self.rng
        )  # fmt: skip

    def _present(self) -> None:
        works = [category for category in self.categories if category.asks_belongings]
        for index, category in enumerate(self.categories):
            self._live(self._begun(category, self._hours_ago(3 + 5 * (index % 9)), Belongings.NO), fates.waits)
            self._live(self._begun(category, self._hours_ago(24 * (7 + index % 5)), Belongings.NO), fates.is_fixed)
        for index, (fate, days) in enumerate(fates.WORKS.items()):
            self._live(self._begun(works[index % len(works)], self._hours_ago(24 * days), Belongings.NO), fate)
        for index, (fate, days) in enumerate(fates.DOUBTS.items()):
            seen = Belongings.YES if index % 2 else Belongings.UNKNOWN
            self._live(self._begun(works[index % len(works)], self._hours_ago(24 * days), seen), fate)
        self._twins(works[0])

    def _twins(self, category: Category) -> None:
        """Two residents saw the same thing: triage has merged the second into the first."""
        first, second = (self._begun(category, self._hours_ago(hours), Belongings.NO) for hours in (52, 47))
        triage.merge(second.case, into=first.case, by=self.cast.ana, at=self._hours_ago(30))

    def _burst(self) -> None:
        """One network sent too many within the hour: what came on top waits in quarantine."""
        for minute in range(BURST):
            self._begun(
                self.categories[0], self._hours_ago(2) + timedelta(minutes=minute), Belongings.NO, network=NETWORK
            )

    def _begun(
        self, category: Category, at: datetime, belongings: Belongings | None = None, network: str | None = None
    ) -> Story:
        self.made += 1
        draft = self.stage.sketch(self.made, category, at, belongings)
        observation: Observation = intake.receive(draft, at=at, network=network)
        return Story(cases.case_of(observation.id), observation, at, self.now, self.ground.zone, self.cast, self.rng)

    def _live(self, story: Story, fate: fates.Fate) -> None:
        try:
            fate(story)
        except NotYet:
            return

    def _moment(self, days_ago: int) -> datetime:
        """Some moment of that day between seven in the morning and ten at night, where the city is."""
        day = self.now.astimezone(self.ground.zone).date() - timedelta(days=days_ago)
        local = datetime.combine(day, time(self.rng.randint(7, 21), self.rng.randint(0, 59)), self.ground.zone)
        return local.astimezone(self.now.tzinfo)

    def _hours_ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)


def _refuse_in_production() -> None:
    if _settings().is_production:
        raise NotHere


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])
