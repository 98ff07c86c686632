"""What each line of a profile says, in the words of the models: one small function a table.

Pure: typed cells and the rows they name go in, attributes come out. Which rows are new, changed or retired is `loader`'s to find.
"""

from collections.abc import Mapping
from typing import Any

from cohab_report.cities.settlement import Settlement
from cohab_report.plan.sheet import COPIED
from cohab_report.sheets import Row

Attributes = dict[str, Any]
"""Values by attribute; a frozenset stands for a relationship to many, whose order the model decides."""
Known = Mapping[Any, Any]
"""The rows of another table, by code."""

NAMES = ("name_fr", "name_en")
YES_NO = [{"code": "yes", "fr": "Oui", "en": "Yes"}, {"code": "no", "fr": "Non", "en": "No"}]


def copied(row: Row, *columns: str) -> Attributes:
    """The cells of these columns, under the same names."""
    return {column: row[column] for column in columns}


def city(settlement: Settlement) -> Attributes:
    """The one row of the city itself."""
    sides = ("west", "south", "east", "north")
    about = {name: settlement.table(name) for name in ("plan", "team", "deadlines", "demo")}
    return {
        "code": settlement["code"],
        "name_fr": settlement["name.fr"], "name_en": settlement["name.en"], "time_zone": settlement["time_zone"],
        "holiday_country": settlement["holidays.country"], "holiday_subdivision": settlement["holidays.subdivision"],
        "cell_dlon": float(settlement["lattice.dlon"]), "cell_dlat": float(settlement["lattice.dlat"]),
        "lon": float(settlement["reference.lon"]), "lat": float(settlement["reference.lat"]),
        "accept_box": [float(settlement[f"accept.{side}"]) for side in sides],
        "about": {**about, "population": settlement["population"], "contact_phone": settlement["contact_phone"]},
    }  # fmt: skip


def sector(row: Row) -> Attributes:
    """A sector by its reference point."""
    return copied(row, *NAMES, "lon", "lat") | {"is_approximate": row["approximate"]}


def district(row: Row) -> Attributes:
    """A district, by name only."""
    return copied(row, *NAMES)


def place(row: Row, sectors: Known) -> Attributes:
    """A public place; a street is a place of its own kind, whose name is not translated."""
    street = "kind" not in row.cells
    named = {"name_en": row["name_fr"], "kind": "street"} if street else copied(row, "name_en", "kind")
    return copied(row, "name_fr", "lon", "lat") | named | {
        "is_approximate": row["approximate"], "sector": sectors[row["sector"]], "also": list(row["also"]),
    }  # fmt: skip


def site(row: Row) -> Attributes:
    """A protected site and its radius in metres."""
    return copied(row, "name_fr", "kind", "lon", "lat") | {
        "radius": row["radius_m"],
        "is_approximate": row["approximate"],
    }


def partner(row: Row) -> Attributes:
    """An organisation, what it may take on and what it may see."""
    same = copied(
        row,
        *NAMES,
        "email",
        "phone",
        "hours",
        "fallback_fr",
        "fallback_en",
        "hidden_point",
        "sees_contact",
        "does_works",
        "does_outreach",
    )
    return same | {
        "mission_fr": row["role_fr"], "mission_en": row["role_en"], "purposes": [purpose.value for purpose in row["purposes"]],
        "exact_categories": list(row["exact_categories"]), "is_transfer_only": row["transfer_only"],
    }  # fmt: skip


def source(row: Row) -> Attributes:
    """A public page, and the day it was read."""
    return copied(row, "title", "url", "seen_on")


def field(row: Row) -> Attributes:
    """A field of the plan."""
    return copied(row, "position", *NAMES)


def action(row: Row, fields: Known, partners: Known, sources: Known) -> Attributes:
    """An action of the plan, with those who carry it and what says so."""
    return {name: row[name] for name in COPIED if name != "code"} | {
        "field": fields[row["field"]],
        "lead": partners[row["lead"]],
        "support": frozenset(partners[code] for code in row["support"]),
        "sources": frozenset(sources[key] for key in row["sources"]),
    }


def number(row: Row) -> Attributes:
    """A number to call, and when."""
    return copied(row, "position", "number", "tel", "label_fr", "label_en", "when_fr", "when_en", "level")


def signpost(row: Row) -> Attributes:
    """Advice; each paragraph on a line of its own."""
    paragraphs = {name: "\n".join(part.strip(" ") for part in row[name].split("|")) for name in ("body_fr", "body_en")}
    return copied(row, "title_fr", "title_en") | paragraphs | {"number_codes": list(row["numbers"])}


def category(row: Row, partners: Known, actions: Known) -> Attributes:
    """A category with its protection, its lead and the actions it counts toward."""
    same = copied(
        row, *NAMES, "kind", "position", "help_fr", "help_en", "protection", "purpose", "priority", "asks_belongings", "locks_works",
        "photo", "answered_by", "near_protected",
    )  # fmt: skip
    return same | {
        "lead": partners[row["lead"]] if row["lead"] else None,
        "signpost_codes": list(row["signposts"]),
        "queue_code": row["queue"],
        "actions": frozenset(actions[code] for code in row["actions"]),
    }


def question(row: Row, categories: Known) -> Attributes:
    """A question with its options in the order they are shown."""
    options = zip(row["option_codes"], row["options_fr"], row["options_en"], strict=True)
    return copied(row, "position", "text_fr", "text_en", "shows", "blocks") | {
        "category": categories[row["category"]],
        "is_required": row["required"],
        "options": YES_NO
        if row["kind"] == "yes_no"
        else [{"code": code, "fr": fr, "en": en} for code, fr, en in options],
        "raises": {option: int(priority) for option, priority in row["raises"].items()},
    }


def response(row: Row) -> Attributes:
    """What residents read when a case ends so; the category is kept as it is written, since it may also be a kind or `*`."""
    return copied(row, "category", "outcome", "text_fr", "text_en")


def queue(row: Row, actions: Known) -> Attributes:
    """A queue, and the actions that its cases are suggested to count toward."""
    return copied(row, *NAMES, "position", "purpose", "kind") | {
        "actions": frozenset(actions[code] for code in row["actions"])
    }


def rule(row: Row, partners: Known) -> Attributes:
    """A line of the routing table; an empty list fits everything."""
    lists = {name: list(row[name]) for name in ("categories", "queues", "places", "sectors")}
    return (
        lists
        | copied(row, "position", "occupancy", "hours", "because_fr", "because_en")
        | {"partner": partners[row["partner"]]}
    )
