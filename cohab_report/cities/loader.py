"""Loads a city profile into the database: idempotent by stable code, all or nothing, deleting nothing.

Reading and checking come before the first row is written. A row that left the files is retired, because cases may still
refer to it; what people changed since (an action's status, a routing rule) stays, and such a rule is named. The caller
commits.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry import MultiPolygon
from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue.models import Category, EmergencyNumber, Question, Response, Signpost
from cohab_report.cities import checks, profile_rules, rows
from cohab_report.cities.columns import KEY_COLUMNS
from cohab_report.cities.events import BoundaryLoaded, ProfileLoaded
from cohab_report.cities.load_reports import LoadReport, OutlineReport
from cohab_report.cities.outline import Outline, read_outline
from cohab_report.cities.site_protection import protect_sites
from cohab_report.cities.tables import Profile, profile_source, read_profile
from cohab_report.cities.upsert import attributes_by_code, upsert
from cohab_report.csv_tables import Mistake, TableRefused
from cohab_report.db import db
from cohab_report.geo import SRID
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action, Field, Source
from cohab_report.routing import queries as routing
from cohab_report.routing.models import LegalGround, Rule
from cohab_report.territory.models import Boundary, City, District, Place, ProtectedSite, Sector
from cohab_report.triage.waiting.models import Queue


def check_profile(folder: Path) -> Profile:
    """Reads and checks the profile in this folder, without a database; raises `TableRefused` with every mistake of
    every file.
    """
    profile = read_profile(folder)
    found = checks.profile_mistakes(profile)
    if any(not mistake.is_warning for mistake in found):
        raise TableRefused(found)
    return replace(profile, warnings=tuple(sorted(found)))


def served_city() -> City | None:
    """Returns the city that is loaded, if there is one."""
    return db.session.scalars(select(City)).first()


def load_profile(folder: Path, *, at: datetime) -> LoadReport:
    """Writes the profile in this folder to the database and returns what changed.

    Raises `TableRefused` before anything is written if the profile has a mistake, or is another city's than the one in
    the database.
    """
    profile, source = check_profile(folder), profile_source(folder)
    served = served_city()
    if served is not None and served.code != profile.city_toml["code"]:
        sentence = f"this installation serves '{served.code}', and one installation serves one city"
        raise TableRefused([profile.city_toml.mistake_at("code", sentence)])
    report = LoadReport(profile.city_toml["code"], source=source, warnings=profile.warnings)
    if served is not None and served.profile_source != source:
        report.former_source = served.profile_source
    routing.lock_rules()
    report.broken_promises = tuple(profile_rules.promises_broken_with(profile, routing.rules_of_people()))
    with db.session.no_autoflush:
        _upsert_tables(profile, report, at)
    report.warnings += tuple(_sites_outside_official_outline(profile))
    db.session.flush()
    report.protection = protect_sites(at=at)
    db.session.flush()
    city = db.session.scalars(select(City)).one()
    if city.profile_source != source:
        city.profile_source = source
    if not report.changed_nothing:
        city.loaded_at = at
        journal.record(_load_event(report), by=journal.SYSTEM, at=at)
    db.session.flush()
    return report


def load_boundary(path: Path, *, at: datetime) -> OutlineReport:
    """Makes the outline in this GeoJSON file the city's outline.

    Raises `TableRefused` if the file holds no valid area in WGS84, or an area that can't be this city's.
    """
    mistakes: list[Mistake] = []
    outline = read_outline(path, mistakes)
    city = served_city()
    if city is None:
        mistakes.append(Mistake(path.name, 1, "*", "no city is loaded yet, load its profile first"))
    elif outline is not None:
        mistakes += _misfit_mistakes(path.name, outline, city)
    if mistakes or outline is None or city is None:
        raise TableRefused(mistakes)
    is_new = _save_outline(outline, at)
    if is_new:
        event = BoundaryLoaded(thread=city.code, approximate=outline.is_approximate)
        journal.record(event, by=journal.SYSTEM, at=at)
    places = db.session.scalars(select(Place).where(~Place.is_retired).order_by(Place.code))
    sites = db.session.scalars(select(ProtectedSite).where(~ProtectedSite.is_retired).order_by(ProtectedSite.code))
    return OutlineReport(
        is_new,
        tuple(place.code for place in places if not outline.contains(place.lon, place.lat)),
        tuple(site.code for site in sites if outline.metres_to(site.lon, site.lat) > site.radius),
    )


def _misfit_mistakes(file: str, outline: Outline, city: City) -> list[Mistake]:
    """Returns a mistake if the outline lacks the city's reference point, and one if it reaches beyond the accepted
    box.
    """
    west, south, east, north = city.accept_box
    bounds = outline.shape.bounds
    sentences = []
    if not outline.contains(city.lon, city.lat):
        hint = ": GeoJSON has the longitude first" if outline.contains(city.lat, city.lon) else ""
        sentences.append(f"the outline does not hold the city's reference point ({city.lon}, {city.lat}){hint}")
    if not (west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north):
        sentences.append("the outline reaches beyond the box of city.toml, where points are refused")
    return [Mistake(file, 1, "geometry", sentence) for sentence in sentences]


def _load_event(report: LoadReport) -> ProfileLoaded:
    counts = {name: [table.created, table.changed, table.retired] for name, table in report.tables.items() if table}
    return ProfileLoaded(thread=report.city, tables=counts, outline=report.outline_is_new)


def _upsert_tables(profile: Profile, report: LoadReport, at: datetime) -> None:
    """Upserts every table of the profile, referenced tables first; an action keeps the status it has."""
    tables, reports = profile.tables, report.tables
    city = {report.city: rows.city_attributes(profile.city_toml) | {"loaded_at": at}}
    upsert(City, city, reports, insert_only=("loaded_at",))
    report.outline_is_new = _save_profile_outline(profile.outline, at)
    sectors = upsert(Sector, attributes_by_code(tables["sectors"], rows.sector_attributes), reports)
    upsert(District, attributes_by_code(tables["districts"], rows.district_attributes), reports)
    places = attributes_by_code(tables["places"], rows.place_attributes, sectors)
    streets = attributes_by_code(tables["streets"], rows.place_attributes, sectors)
    upsert(Place, places | streets, reports)
    upsert(ProtectedSite, attributes_by_code(tables["protected_sites"], rows.site_attributes), reports)
    partners = upsert(Partner, attributes_by_code(tables["partners"], rows.partner_attributes), reports)
    key = KEY_COLUMNS["sources"]
    sources = upsert(Source, attributes_by_code(tables["sources"], rows.source_attributes, key=key), reports, key=key)
    fields = upsert(Field, attributes_by_code(tables["fields"], rows.field_attributes), reports)
    action_rows = attributes_by_code(tables["actions"], rows.action_attributes, fields, partners, sources)
    actions = upsert(Action, action_rows, reports, insert_only=("status",))
    upsert(EmergencyNumber, attributes_by_code(tables["emergency_numbers"], rows.number_attributes), reports)
    upsert(Signpost, attributes_by_code(tables["signposts"], rows.signpost_attributes), reports)
    category_rows = attributes_by_code(tables["categories"], rows.category_attributes, partners, actions)
    categories = upsert(Category, category_rows, reports)
    key = KEY_COLUMNS["questions"]
    question_rows = attributes_by_code(tables["questions"], rows.question_attributes, categories, key=key)
    upsert(Question, question_rows, reports, key=("category.code", "code"))
    key = KEY_COLUMNS["responses"]
    upsert(Response, attributes_by_code(tables["responses"], rows.response_attributes, key=key), reports, key=key)
    upsert(Queue, attributes_by_code(tables["queues"], rows.queue_attributes, actions), reports)
    ground_rows = attributes_by_code(tables["legal_grounds"], rows.legal_ground_attributes, sources)
    upsert(LegalGround, ground_rows, reports)
    rule_rows = attributes_by_code(tables["rules"], rows.rule_attributes, partners)
    upsert(Rule, rule_rows, reports, why_left_alone=profile_rules.why_left_alone)


def _save_profile_outline(outline: Outline, at: datetime) -> bool:
    """Saves the profile's outline, unless it is approximate and an official one is loaded; returns whether it was
    saved.
    """
    latest = _latest_outline()
    if latest is not None and not latest.is_approximate and outline.is_approximate:
        return False
    return _save_outline(outline, at)


def _sites_outside_official_outline(profile: Profile) -> Iterator[Mistake]:
    """Yields a warning for each protected site of the profile that lies outside of the official outline in force."""
    latest, table = _latest_outline(), profile.tables["protected_sites"]
    if latest is None or latest.is_approximate:
        return
    outline = Outline(cast("MultiPolygon", to_shape(latest.shape)), latest.source, latest.is_approximate)
    for row in table.rows:
        if outline.metres_to(row["lon"], row["lat"]) > row["radius_m"]:
            yield table.warning_at(row, "lon", "the site lies outside of the official outline: it protects nothing")


def _save_outline(outline: Outline, at: datetime) -> bool:
    """Adds the outline, unless the latest one is the same; returns whether it was added."""
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
