"""The place search: what people type and the place they mean, for the shipped city and the test city."""

import random
import time

import pytest

from cohab_report.cities.tables import profile_folder, read_profile
from cohab_report.territory.names import Gazetteer, NamedPlace, civic_number, corner_of
from tests.conftest import RIVEBELLE

SHIPPED = {
    "parc champlain": "parc-champlain",
    "PARC CHAMPLAIN": "parc-champlain",
    "parc chanplain": "parc-champlain",
    "champlian": "parc-champlain",
    "Champlain Park": "parc-champlain",
    "champ": "parc-champlain",
    "ile st quentin": "ile-saint-quentin",
    "Île Saint-Quentin": "ile-saint-quentin",
    "I\u0302le St-Quentin": "ile-saint-quentin",
    "plage de l’ile": "ile-saint-quentin",
    "bibliotheque": "bibliotheque",
    "bibliotèque gatien": "bibliotheque",
    "biblio": "bibliotheque",
    "gatien lapointe": "bibliotheque",
    "library": "bibliotheque",
    "rue des forges": "rue-des-forges",
    "forges": "rue-des-forges",
    "r. des forge": "rue-des-forges",
    "des Forges, rue": "rue-des-forges",
    "12, rue des Forges": "rue-des-forges",
    "12A rue des forges": "rue-des-forges",
    "123 royale": "rue-royale",
    "royale 123": "rue-royale",
    "12, rue des Forges, app. 4": "rue-des-forges",
    "Royale St": "rue-royale",
    "royale street": "rue-royale",
    "boul laviolette": "rue-laviolette",
    "laviolete": "rue-laviolette",
    "bonavanture": "rue-bonaventure",
    "rue bonaventrue": "rue-bonaventure",
    "notre-dame-du-cap": "sanctuaire",
    "N.-D. du Cap": "sanctuaire",
    "rue notre dame": "rue-notre-dame-centre",
    "sanctaire": "sanctuaire",
    "uqtr": "uqtr",
    "université du quebec": "uqtr",
    "port": "parc-portuaire",
    "parc portuaire et pavillon": "parc-portuaire",
    "harbour park": "parc-portuaire",
    "anphithéatre": "amphitheatre",
    "amphitheatre cogeco": "amphitheatre",
    "clsc": "clsc-centre",
    "terminus cap": "terminus-du-cap",
    "terminuss": "terminus-du-cap",
    "moulin pointe du lac": "moulin-seigneurial",
    "airport": "aeroport",
    "aéropor": "aeroport",
    "hotel de ville": "place-hotel-de-ville",
    "city hall": "place-hotel-de-ville",
    "mairie": "place-hotel-de-ville",
    "pl. rita lafontaine": "place-rita-lafontaine",
    "espace patio": "place-rita-lafontaine",
    "rue badeaux": "rue-badeaux",
    "espace badeaux": "espace-badeaux",
    "st georges": "rue-saint-georges",
    "rue st-antoine": "rue-saint-antoine",
    "ursuline": "rue-des-ursulines",
    "chamflour": "rue-champflour",
    "parc vicotria": "parc-victoria",
    "carré fosse": "carre-de-la-fosse",
}
MADE_UP = {
    "halle": "halle",
    "market hall": "halle",
    "vieux marche": "halle",
    "jardin saules": "jardin-des-saules",
    "willow gardens": "jardin-des-saules",
    "saulles": "jardin-des-saules",
    "quai des brumes": "quai",
    "brume": "quai",
    "mist quay": "quai",
    "pont": "rue-du-pont",
    "4 rue du pont": "rue-du-pont",
    "rue haute": "rue-haute",
    "rue du moulin": "rue-haute",
}


def gazetteer_of(profile: str) -> Gazetteer:
    """Returns the search index over a profile's places and streets."""
    tables = read_profile(profile_folder(profile)).tables
    return Gazetteer(
        NamedPlace(
            row["code"],
            tuple(filter(None, (row["name_fr"], row.values.get("name_en"), *row["also"]))),
            table == "streets",
        )
        for table in ("places", "streets")
        for row in tables[table].rows
    )


def first_match(gazetteer: Gazetteer, typed: str) -> str:
    matches = gazetteer.find(typed)
    return matches[0].code if matches else "nothing"


def test_what_people_type_finds_what_they_mean_in_the_shipped_city() -> None:
    gazetteer = gazetteer_of("trois_rivieres")
    assert {typed: first_match(gazetteer, typed) for typed in SHIPPED} == SHIPPED
    assert len(SHIPPED) + len(MADE_UP) >= 60


def test_what_people_type_finds_what_they_mean_in_the_made_up_city() -> None:
    gazetteer = gazetteer_of(str(RIVEBELLE))
    assert {typed: first_match(gazetteer, typed) for typed in MADE_UP} == MADE_UP


@pytest.mark.parametrize("typed", ["", "   ", "!?", "xyz", "Montréal", "\u0301", "rue", "12", "a" * 5000, "\x00", "🙂"])
def test_what_means_nothing_finds_nothing_wrong(typed: str) -> None:
    matches = gazetteer_of("trois_rivieres").find(typed)
    assert len(matches) <= 12 and (typed == "rue" or not matches)


def test_a_numbered_street_is_not_taken_for_a_house_number() -> None:
    gazetteer = Gazetteer(
        [
            NamedPlace("2", ("2e Avenue",), True),
            NamedPlace("12", ("12e Avenue",), True),
            NamedPlace("1", ("1re Rue",), True),
        ]
    )
    assert [
        first_match(gazetteer, typed)
        for typed in ("2e avenue", "deuxième av", "2nd ave", "12 2e avenue", "première rue", "1ere rue")
    ] == [
        "2",
        "2",
        "2",
        "2",
        "1",
        "1",
    ]
    assert [civic_number(typed) for typed in ("12 2e avenue", "2e avenue", "12A, rue Royale", "rue 12")] == [
        "12",
        "",
        "12a",
        "",
    ]


@pytest.mark.parametrize(
    "typed",
    ["Royale / Hart", "Coin Royale et Hart", "au coin de Royale et Hart", "Royale & Hart", "Corner of Royale and Hart"],
)
def test_a_corner_is_two_streets_however_it_is_said(typed: str) -> None:
    assert corner_of(typed) == ("royale", "hart")


@pytest.mark.parametrize("typed", ["rue Royale", "Royale /", "/", "a / b / c", ""])
def test_one_street_is_no_corner(typed: str) -> None:
    assert corner_of(typed) is None


def test_five_thousand_names_answer_within_twenty_milliseconds() -> None:
    chance = random.Random(3)
    parts = [
        "ba",
        "ri",
        "mont",
        "cha",
        "len",
        "gou",
        "pré",
        "val",
        "fon",
        "tel",
        "sau",
        "ver",
        "mar",
        "lis",
        "nor",
        "gar",
        "bel",
        "îl",
    ]
    kinds = ("Rue", "Avenue", "Boulevard", "Parc", "Place")

    def word(syllables: int) -> str:
        return "".join(chance.choices(parts, k=syllables)).title()

    names = [f"{chance.choice(kinds)} de {word(4)} {word(2)}" for _ in range(5000)]
    gazetteer = Gazetteer(NamedPlace(str(number), (name,)) for number, name in enumerate(names))
    durations = []
    for name in chance.sample(names, 100):
        position = chance.randrange(len(name))
        began = time.process_time()
        gazetteer.find(name[:position] + name[position + 1 :])
        durations.append(time.process_time() - began)
    assert sorted(durations)[len(durations) // 2] < 0.020
