"""Converts a profile's typed CSV rows to model attributes: one function a table.

Pure: a row and the database rows that its codes name in, attributes out; `upsert` writes them.
"""

from collections.abc import Mapping
from typing import Any

from cohab_report.cities.city_toml import CityToml
from cohab_report.csv_tables import CsvRow
from cohab_report.plan.csv_columns import SAME_NAME_COLUMNS

Attributes = dict[str, Any]
"""Values by attribute name; a frozenset is a to-many relationship, whose order the model decides."""
RowsByCode = Mapping[Any, Any]
"""Database rows of another table, by code."""

NAME_COLUMNS = ("name_fr", "name_en")
YES_NO_OPTIONS = [{"code": "yes", "fr": "Oui", "en": "Yes"}, {"code": "no", "fr": "Non", "en": "No"}]


def copy_columns(row: CsvRow, *columns: str) -> Attributes:
    """Returns the values of these columns under the same names."""
    return {column: row[column] for column in columns}


def city_attributes(city_toml: CityToml) -> Attributes:
    """Returns the attributes of the City row."""
    sides = ("west", "south", "east", "north")
    about = {name: city_toml.table(name) for name in ("plan", "team", "deadlines", "demo")}
    return {
        "code": city_toml["code"],
        "name_fr": city_toml["name.fr"],
        "name_en": city_toml["name.en"],
        "time_zone": city_toml["time_zone"],
        "holiday_country": city_toml["holidays.country"],
        "holiday_subdivision": city_toml["holidays.subdivision"],
        "cell_dlon": float(city_toml["lattice.dlon"]),
        "cell_dlat": float(city_toml["lattice.dlat"]),
        "lon": float(city_toml["reference.lon"]),
        "lat": float(city_toml["reference.lat"]),
        "accept_box": [float(city_toml[f"accept.{side}"]) for side in sides],
        "about": {**about, "population": city_toml["population"], "contact_phone": city_toml["contact_phone"]},
    }


def sector_attributes(row: CsvRow) -> Attributes:
    """Returns a sector's attributes."""
    return copy_columns(row, *NAME_COLUMNS, "lon", "lat") | {"is_approximate": row["approximate"]}


def district_attributes(row: CsvRow) -> Attributes:
    """Returns an electoral district's attributes."""
    return copy_columns(row, *NAME_COLUMNS)


def place_attributes(row: CsvRow, sectors: RowsByCode) -> Attributes:
    """Returns a place's attributes; a row of streets.csv is a place of kind `street` whose name is not translated."""
    is_street = "kind" not in row.values
    name_and_kind = {"name_en": row["name_fr"], "kind": "street"} if is_street else copy_columns(row, "name_en", "kind")
    return (
        copy_columns(row, "name_fr", "lon", "lat")
        | name_and_kind
        | {
            "is_approximate": row["approximate"],
            "sector": sectors[row["sector"]],
            "also": list(row["also"]),
        }
    )


def site_attributes(row: CsvRow) -> Attributes:
    """Returns a protected site's attributes, with its radius in metres."""
    return copy_columns(row, "name_fr", "kind", "lon", "lat") | {
        "radius": row["radius_m"],
        "is_approximate": row["approximate"],
    }


def partner_attributes(row: CsvRow) -> Attributes:
    """Returns a partner's attributes."""
    same_name_values = copy_columns(
        row,
        *NAME_COLUMNS,
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
    return same_name_values | {
        "mission_fr": row["role_fr"],
        "mission_en": row["role_en"],
        "purposes": [purpose.value for purpose in row["purposes"]],
        "exact_categories": list(row["exact_categories"]),
        "is_transfer_only": row["transfer_only"],
    }


def source_attributes(row: CsvRow) -> Attributes:
    """Returns a source's attributes."""
    return copy_columns(row, "title", "url", "seen_on")


def field_attributes(row: CsvRow) -> Attributes:
    """Returns the attributes of a field of the plan."""
    return copy_columns(row, "position", *NAME_COLUMNS)


def action_attributes(row: CsvRow, fields: RowsByCode, partners: RowsByCode, sources: RowsByCode) -> Attributes:
    """Returns the attributes of an action of the plan, with its partners and sources."""
    return {name: row[name] for name in SAME_NAME_COLUMNS if name != "code"} | {
        "field": fields[row["field"]],
        "lead": partners[row["lead"]],
        "support": frozenset(partners[code] for code in row["support"]),
        "sources": frozenset(sources[key] for key in row["sources"]),
    }


def number_attributes(row: CsvRow) -> Attributes:
    """Returns an emergency number's attributes."""
    return copy_columns(row, "position", "number", "tel", "label_fr", "label_en", "when_fr", "when_en", "level")


def signpost_attributes(row: CsvRow) -> Attributes:
    """Returns a signpost's attributes; the body has one paragraph a line."""
    paragraphs = {name: "\n".join(part.strip(" ") for part in row[name].split("|")) for name in ("body_fr", "body_en")}
    return copy_columns(row, "title_fr", "title_en") | paragraphs | {"number_codes": list(row["numbers"])}


def category_attributes(row: CsvRow, partners: RowsByCode, actions: RowsByCode) -> Attributes:
    """Returns a category's attributes, with its lead and the actions it counts toward."""
    same_name_values = copy_columns(
        row,
        *NAME_COLUMNS,
        "kind",
        "position",
        "help_fr",
        "help_en",
        "protection",
        "purpose",
        "priority",
        "asks_belongings",
        "locks_works",
        "photo",
        "answered_by",
        "near_protected",
    )
    return same_name_values | {
        "lead": partners[row["lead"]] if row["lead"] else None,
        "signpost_codes": list(row["signposts"]),
        "queue_code": row["queue"],
        "actions": frozenset(actions[code] for code in row["actions"]),
    }


def question_attributes(row: CsvRow, categories: RowsByCode) -> Attributes:
    """Returns a question's attributes, with its options in the order they are shown."""
    options = zip(row["option_codes"], row["options_fr"], row["options_en"], strict=True)
    return copy_columns(row, "position", "text_fr", "text_en", "shows", "blocks") | {
        "category": categories[row["category"]],
        "is_required": row["required"],
        "options": YES_NO_OPTIONS
        if row["kind"] == "yes_no"
        else [{"code": code, "fr": fr, "en": en} for code, fr, en in options],
        "raises": {option: int(priority) for option, priority in row["raises"].items()},
    }


def response_attributes(row: CsvRow) -> Attributes:
    """Returns a response's attributes; `category` stays text, since it may also be a kind or `*`."""
    return copy_columns(row, "category", "outcome", "text_fr", "text_en")


def queue_attributes(row: CsvRow, actions: RowsByCode) -> Attributes:
    """Returns a queue's attributes, with the actions that its cases are suggested to count toward."""
    return copy_columns(row, *NAME_COLUMNS, "position", "purpose", "kind") | {
        "actions": frozenset(actions[code] for code in row["actions"])
    }


def legal_ground_attributes(row: CsvRow, sources: RowsByCode) -> Attributes:
    """Returns the attributes of a ground in law for a transfer to the police."""
    return copy_columns(row, "position", *NAME_COLUMNS, "article") | {"source": sources[row["source"]]}


def rule_attributes(row: CsvRow, partners: RowsByCode) -> Attributes:
    """Returns a routing rule's attributes; an empty list fits everything."""
    lists = {name: list(row[name]) for name in ("categories", "queues", "places", "sectors")}
    return (
        lists
        | copy_columns(row, "position", "occupancy", "hours", "because_fr", "because_en")
        | {"partner": partners[row["partner"]]}
    )
