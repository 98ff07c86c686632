"""A city profile becomes rows: idempotent by stable code, all or nothing, and never forgetting what was there.

Reading and checking are done before the first row is touched. A row that left the files is retired, never deleted, because cases may
still point at it; what people changed since (an action's status) stays as they left it. It commits nothing: its caller does.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue.models import Category, EmergencyNumber, Question, Response, Signpost
from cohab_report.cities import checks, rows
from cohab_report.cities.laying import Tally, each, lay
from cohab_report.cities.outline import Outline, read_outline
from cohab_report.cities.tables import Profile, read_profile
from cohab_report.db import db
from cohab_report.geo import SRID
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action, Field, Source
from cohab_report.routing.models import Rule
from cohab_report.sheets import Mistake, Refused
from cohab_report.territory.models import Boundary, City, District, Place, ProtectedSite, Sector
from cohab_report.triage.models import Queue


@dataclass
class LoadReport:
    """What loading a profile did: a tally for each table, and whether the outline is new."""

    city: str
    tables: dict[str, Tally] = field(default_factory=dict)
    outline_is_new: bool = False

    @property
    def changed_nothing(self) -> bool:
        """Whether everything was there already."""
        return not self.outline_is_new and not any(self.tables.values())

    def __str__(self) -> str:
        if self.changed_nothing:
            return f"{self.city}: nothing to change"
        lines = [f"  {name}: {tally}" for name, tally in self.tables.items() if tally]
        return "\n".join([f"{self.city}:", *lines, *(["  boundary: a new outline"] if self.outline_is_new else [])])


@dataclass(frozen=True)
class OutlineReport:
    """Whether a loaded outline changed anything, and the places that residents can no longer pick because they lie outside of it."""

    is_new: bool
    places_outside: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = "boundary: a new outline" if self.is_new else "boundary: nothing to change"
        return told + "".join(f"\n  outside of it: {code}" for code in self.places_outside)


def check_profile(folder: Path) -> Profile:
    """The profile in this folder, without a mistake; raises `sheets.Refused` with every mistake of every file. Needs no database."""
    profile = read_profile(folder)
    if mistakes := checks.mistakes_of(profile):
        raise Refused(mistakes)
    return profile


def load_profile(folder: Path, *, at: datetime) -> LoadReport:
    """The database says what the profile says, and the report tells what had to change.

    Raises `sheets.Refused` before anything is written when the profile has a mistake, or is another city's than the one served here.
    """
    profile = check_profile(folder)
    served = db.session.scalars(select(City)).first()
    if served is not None and served.code != profile.settlement["code"]:
        raise Refused(
            [
                profile.settlement.at(
                    "code", f"this installation serves '{served.code}', and one installation serves one city"
                )
            ]
        )
    report = LoadReport(profile.settlement["code"])
    with db.session.no_autoflush:
        _lay_everything(profile, report, at)
    if not report.changed_nothing:
        db.session.flush()
        db.session.scalars(select(City)).one().loaded_at = at
        journal.record("profile.loaded", thread=report.city, by=journal.SYSTEM, at=at, facts=_facts(report))
    db.session.flush()
    return report


def load_boundary(path: Path, *, at: datetime) -> OutlineReport:
    """The outline in this GeoJSON file is the city's from now on.

    Raises `sheets.Refused` when the file holds no valid area in WGS84, or an area that can't be this city's.
    """
    mistakes: list[Mistake] = []
    outline = read_outline(path, mistakes)
    city = db.session.scalars(select(City)).first()
    if city is None:
        mistakes.append(Mistake(path.name, 1, "*", "no city is loaded yet, load its profile first"))
    elif outline is not None:
        mistakes += _not_this_city(path.name, outline, city)
    if mistakes or outline is None or city is None:
        raise Refused(mistakes)
    is_new = _lay_outline(outline, at)
    if is_new:
        journal.record(
            "boundary.loaded", thread=city.code, by=journal.SYSTEM, at=at, facts={"approximate": outline.is_approximate}
        )
    places = db.session.scalars(select(Place).where(Place.is_retired.is_(False)).order_by(Place.code))
    return OutlineReport(is_new, tuple(place.code for place in places if not outline.holds(place.lon, place.lat)))


def _not_this_city(file: str, outline: Outline, city: City) -> list[Mistake]:
    west, south, east, north = city.accept_box
    bounds = outline.shape.bounds
    found = []
    if not outline.holds(city.lon, city.lat):
        found.append(
            Mistake(
                file, 1, "geometry", f"the outline does not hold the city's reference point ({city.lon}, {city.lat})"
            )
        )
    if not (west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north):
        found.append(
            Mistake(file, 1, "geometry", "the outline reaches beyond the box of city.toml, where points are refused")
        )
    return found


def _facts(report: LoadReport) -> dict[str, Any]:
    touched = {name: [tally.created, tally.changed, tally.retired] for name, tally in report.tables.items() if tally}
    return {"tables": touched, "outline": report.outline_is_new}


def _lay_everything(profile: Profile, report: LoadReport, at: datetime) -> None:
    """Every table is as the profile says, in the order in which rows name each other; an action keeps the status it has."""
    lines, done = profile.tables, report.tables
    city = {report.city: rows.city(profile.settlement) | {"loaded_at": at}}
    lay(City, city, done, at_birth=("loaded_at",))
    report.outline_is_new = _lay_profile_outline(profile.outline, at)
    sectors = lay(Sector, each(lines["sectors"], rows.sector), done)
    lay(District, each(lines["districts"], rows.district), done)
    lay(Place, each(lines["places"], rows.place, sectors) | each(lines["streets"], rows.place, sectors), done)
    lay(ProtectedSite, each(lines["protected_sites"], rows.site), done)
    partners = lay(Partner, each(lines["partners"], rows.partner), done)
    sources = lay(Source, each(lines["sources"], rows.source, key=("key",)), done, key=("key",))
    fields = lay(Field, each(lines["fields"], rows.field), done)
    actions = lay(Action, each(lines["actions"], rows.action, fields, partners, sources), done, at_birth=("status",))
    lay(EmergencyNumber, each(lines["emergency_numbers"], rows.number), done)
    lay(Signpost, each(lines["signposts"], rows.signpost), done)
    categories = lay(Category, each(lines["categories"], rows.category, partners, actions), done)
    lay(
        Question,
        each(lines["questions"], rows.question, categories, key=("category", "code")),
        done,
        key=("category.code", "code"),
    )
    lay(
        Response,
        each(lines["responses"], rows.response, key=("category", "outcome")),
        done,
        key=("category", "outcome"),
    )
    lay(Queue, each(lines["queues"], rows.queue, actions), done)
    lay(Rule, each(lines["rules"], rows.rule, partners), done)


def _lay_profile_outline(outline: Outline, at: datetime) -> bool:
    """A profile's coarse outline never takes the place of the official one that the city has loaded since."""
    latest = _latest_outline()
    if latest is not None and not latest.is_approximate and outline.is_approximate:
        return False
    return _lay_outline(outline, at)


def _lay_outline(outline: Outline, at: datetime) -> bool:
    latest = _latest_outline()
    if (
        latest is not None
        and latest.is_approximate == outline.is_approximate
        and to_shape(latest.shape).equals(outline.shape)
    ):
        return False
    shape = from_shape(outline.shape, srid=SRID)
    db.session.add(Boundary(shape=shape, source=outline.source, is_approximate=outline.is_approximate, loaded_at=at))
    return True


def _latest_outline() -> Boundary | None:
    return db.session.scalars(select(Boundary).order_by(Boundary.id.desc()).limit(1)).first()
