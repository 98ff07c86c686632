"""An attacker who looks for shelters: asks the site about many points, and narrows down where its answer changes.

Whatever the site tells of a point is an answer: a page's words, a file, a map. The attacker knows the program, not the
key.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from math import cos, radians
from statistics import mean
from typing import Any
from uuid import uuid4

import lxml.html
import shapely
from flask.testing import FlaskClient

from cohab_report.cities.loader import check_profile
from cohab_report.cities.tables import profile_folder
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.geo import METRES_PER_DEGREE, Lattice, Point, deinterleave, interleave
from cohab_report.partners.models import Person
from cohab_report.territory.protected_blocks import Ground, Site, missing_blocks
from cohab_report.triage import operations as triage
from cohab_report.triage import queries

Tell = Callable[[Point], str]
"""Returns what the site tells of a point."""
FINEST_METRES = 1.0
"""The attacker stops when it knows a border to this."""
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def moved(point: Point, east: float, north: float) -> Point:
    """Returns the point so many metres east and north."""
    parallel = METRES_PER_DEGREE * cos(radians(point.lat))
    return Point(point.lon + east / parallel, point.lat + north / METRES_PER_DEGREE)


@dataclass
class Visitor:
    """A browser without scripts that goes through the form and moves its place again and again."""

    client: FlaskClient
    day: str
    category: str = "DECHET-1"
    token: str = ""
    answers: Mapping[str, str] = field(default_factory=lambda: {"belongings": "no"})

    def begin(self) -> None:
        """Answers all questions of the form but the place."""
        page = lxml.html.fromstring(self.ask(self.client.get, "/connexion").text)
        self.token = str(page.xpath("//input[@name='csrf_token']/@value")[0])
        self.post("/signaler/", {"help": "no", "sujet": "cleanliness"})
        self.post("/signaler/lieu", {"place": "halle"})
        self.post("/signaler/categorie", {"category": self.category})
        self.pass_duplicates()
        self.post("/signaler/questions", {"text": "", "observed_on": self.day})
        self.post("/signaler/effets", dict(self.answers))

    def ask(self, method: Callable[..., Any], address: str, **values: Any) -> Any:
        """Sends a request in a context of its own: what one visitor's request leaves behind is not another's."""
        return Context().run(method, address, **values)

    def post(self, address: str, data: Mapping[str, str]) -> int:
        """Posts a form; returns the status."""
        return int(self.ask(self.client.post, address, data={"csrf_token": self.token, **data}).status_code)

    def pass_duplicates(self) -> None:
        """Says that it is something else, where the form asks."""
        self.post("/signaler/deja", {"joins": "other"})

    def move_to(self, point: Point) -> int:
        """Chooses another point in the form; returns the status."""
        status = self.post("/signaler/lieu", {"lon": f"{point.lon:.7f}", "lat": f"{point.lat:.7f}"})
        self.pass_duplicates()
        return status

    def review_words(self, point: Point) -> str:
        """Returns what the review page says of who will see what, for a point."""
        self.move_to(point)
        page = lxml.html.fromstring(self.ask(self.client.get, "/signaler/verifier").text)
        return " ".join(str(page.xpath("string(//section[@aria-labelledby='qui-voit'])")).split())

    def send(self, point: Point) -> tuple[str, str]:
        """Sends an observation from this point; returns its reference and its follow-up code."""
        fields = {
            "client_id": str(uuid4()),
            "kind": "cleanliness",
            "category": self.category,
            "asked": self.category,
            "lon": f"{point.lon:.7f}",
            "lat": f"{point.lat:.7f}",
            "observed_on": self.day,
            "danger_passed": "yes",
            "csrf_token": self.token,
            **self.answers,
        }
        reply = (
            self.ask(self.client.post, "/signaler/envoyer", data=fields, headers={"Accept": "application/json"}).json
            or {}
        )
        return reply["reference"], reply["code"]

    def own_protection(self, point: Point) -> str:
        """Returns the protection that the author's file gives, for what is sent from a point."""
        _reference, code = self.send(point)
        self.post("/suivi", {"code": code})
        return str((self.ask(self.client.get, "/suivi/donnees.json").json or {})["protection"])

    def shape_on_map(self, point: Point, *, by: Person) -> str:
        """Returns whether the map shows as a point what is sent from a point, once this person has accepted it."""
        reference, _code = self.send(point)
        db.session.commit()  # what was read before ends, so that what was just sent is seen
        triage.accept(queries.case_or_refuse(reference), by=by, at=now())
        db.session.commit()
        west, south = (f"{each:.6f}" for each in (point.lon - 0.0001, point.lat - 0.0001))
        east, north = (f"{each:.6f}" for each in (point.lon + 0.0001, point.lat + 0.0001))
        reply = (
            self.ask(self.client.get, f"/observations/cellules.json?zoom=18&cadre={west},{south},{east},{north}").json
            or {}
        )
        references = {each["properties"].get("reference") for each in reply["features"]}
        return "point" if reference in references else "square"


@dataclass(frozen=True)
class Guess:
    """Where the attacker believes the site, and how many points it asked about."""

    point: Point
    probes: int
    borders: tuple[float, float, float, float]
    """Metres from the point that it started from to the borders it found north, south, east and west."""


def scan(tell: Tell, middle: Point, *, metres: int, step: int) -> tuple[Point | None, int]:
    """Asks about a grid around the middle; returns a point that is told otherwise than most, and the probes."""
    offsets = range(-metres, metres + 1, step)
    told = {moved(middle, east, north): "" for east in offsets for north in offsets}
    told = {point: tell(point) for point in told}
    usual = Counter(told.values()).most_common(1)[0][0]
    return next((point for point, words in told.items() if words != usual), None), len(told)


def bisect(tell: Tell, start: Point, *, reach: float) -> Guess | None:
    """Narrows down how far in four directions what is told stays as it is at the start; guesses the middle.

    None where nothing changes within `reach` metres.
    """
    here, probes, borders = tell(start), 1, []
    for east, north in DIRECTIONS:
        near, far = 0.0, reach
        probes += 1
        if tell(moved(start, east * far, north * far)) == here:
            return None
        while far - near > FINEST_METRES:
            middle, probes = (near + far) / 2, probes + 1
            same = tell(moved(start, east * middle, north * middle)) == here
            near, far = (middle, far) if same else (near, middle)
        borders.append((near + far) / 2)
    up, down, right, left = borders
    return Guess(moved(start, (right - left) / 2, (up - down) / 2), probes, (up, down, right, left))


def guess_by_pieces(sites: Sequence[Site], ground: Ground, *, keys: Sequence[str]) -> tuple[list[float], float]:
    """Guesses the middle of each piece of protected cells, for each key that the city might have.

    Returns the metres from each site to the guess for its piece, and the share of pieces with a site in them.
    """
    metres, homes = [], []
    for key in keys:
        blocks = missing_blocks(sites, frozenset(), ground, key)
        for piece in pieces_of(frozenset[int]().union(*(block.cells() for block in blocks))):
            inside = [site for site in sites if deinterleave(ground.lattice.cell(site.point)) in piece]
            columns, rows = zip(*piece, strict=True)
            middle = ground.lattice.centre(interleave(round(mean(columns)), round(mean(rows))))
            metres += [site.point.metres_to(middle) for site in inside]
            homes.append(bool(inside))
    return metres, mean(homes)


def pieces_of(cells: frozenset[int]) -> list[list[tuple[int, int]]]:
    """Returns the cells' columns and rows in pieces that touch by a side: all that somebody outside can tell apart."""
    left, pieces = {deinterleave(cell) for cell in cells}, []
    while left:
        piece = [left.pop()]
        for column, row in piece:
            beside = {(column + east, row + north) for east, north in DIRECTIONS} & left
            left -= beside
            piece.extend(beside)
        pieces.append(piece)
    return pieces


def sites_and_ground(city: str) -> tuple[list[Site], Ground]:
    """Returns the protected sites and the ground of a shipped city, as its profile has them."""
    profile = check_profile(profile_folder(city))
    lattice = Lattice(profile.city_toml["lattice.dlon"], profile.city_toml["lattice.dlat"])
    rows: Any = profile.tables["protected_sites"].rows
    sites = [Site(row["code"], Point(row["lon"], row["lat"]), row["radius_m"]) for row in rows]
    anchors = [Point(row["lon"], row["lat"]) for name in ("places", "streets") for row in profile.tables[name].rows]
    shapely.prepare(profile.outline.shape)
    return sites, Ground(lattice, lambda point: profile.outline.contains(point.lon, point.lat), anchors)
