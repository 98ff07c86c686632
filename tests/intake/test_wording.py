"""A resident is warned about persons, and left alone about places."""

import re
import sys
import unicodedata
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cohab_report.intake.wording import lists as wordlists
from cohab_report.intake.wording import screening as wording
from cohab_report.intake.wording.screening import FindingKind, screen

# One sentence a resident might write, and the kinds that must be marked.
WARNS = {
    "Appelez-moi au 819 555-0143.": "phone",
    "Mon cell: (819) 555.0143": "phone",
    "Texte-moi 8195550143 svp": "phone",
    "Tél. 555-0143 le soir": "phone",
    "Appelez au 555 0143": "phone",
    "Call +1 819-555-0143": "phone",
    "My number is 819/555-0143": "phone",
    "Joindre le +33 6 12 34 56 78": "phone",
    "Mon numéro: 8 1 9 5 5 5 0 1 4 3": "phone",
    "Écrivez à rosa.tremblay@exemple.ca": "email",
    "rosa [at] exemple [point] ca": "email",
    "rosa (a) exemple.ca": "email",
    "rosa arobase exemple point ca": "email",
    "write to rosa at example dot com": "email",
    "ROSA@EXEMPLE.CA": "email",
    "Voir facebook.com/rosa.exemple": "social_link",
    "Photos sur https://exemple.ca/photos/12": "social_link",
    "C’est @rosa_exemple qui l’a filmé": "social_link",
    "It is all on her Instagram": "social_link",
    "Un camion A12 BCD bloque la ruelle": "plate",
    "L’auto L123456? Non, plaque l123456": "plate",
    "Plaque de l’auto: 123 abc": "plate",
    "Voiture ABC 472 stationnée sur la piste": "plate",
    "Licence plate CAXW 472": "plate",
    "Numéro TREM 8051 2317 trouvé sur une carte": "health_card",
    "Carte trem80512317 par terre": "health_card",
    "M. Untel laisse ses sacs ici": "name",
    "Mme Gagnon ne ramasse pas": "name",
    "Mme. Roy laisse ses bacs": "name",
    "mme gagnon ne ramasse pas": "name",
    "Il s’appelle kevin": "name",
    "Une personne nommée Marie Lavoie": "name",
    "du nom de Bouchard": "name",
    "Kevin Tremblay crie la nuit": "name",
    "kevin tremblay crie la nuit": "name",
    "Encore Sylvain qui dort là": "name",
    "J’ai parlé à Vladimir Petrov": "name",
    "His name is Bob": "name",
    "Mr. Smith left bags here": "name",
    "Talked to Olena Kovalenko about it": "name",
    "Jean-Guy Côté nourrit les pigeons": "name",
    "Il habite au 1234 de la rue Royale": "dwelling",
    "Sacs jetés par l’app. 4": "dwelling",
    "C’est le locataire du 33, rue Hart": "dwelling",
    "12, rue des Forges, app. 4": "dwelling",
    "The tenants at 45 throw bags": "dwelling",
    "She lives at 55 near the corner": "dwelling",
    "Un homme dort dans l’abribus": "person_description",
    "La dame porte un manteau rouge": "person_description",
    "Quelqu’un vêtu de noir": "person_description",
    "Un gars d’environ 40 ans, barbu": "person_description",
    "Une personne âgée de 80 ans est tombée": "person_description",
    "Une vieille dame attend là chaque soir": "person_description",
    "Deux jeunes aux cheveux longs": "person_description",
    "Un individu à la peau foncée": "person_description",
    "Les gens noirs du parc": "person_description",
    "Des étrangers dorment ici": "person_description",
    "Une femme voilée": "person_description",
    "Il ne parle pas français": "person_description",
    "Plusieurs itinérants près de la fontaine": "person_description",
    "Les sans-abri du parc": "person_description",
    "Une gang d’arabes au parc": "person_description",
    "Des squatteurs dans le hangar": "person_description",
    "Des gitans dans le stationnement": "person_description",
    "Une madame sans souliers": "person_description",
    "Gypsies in the parking lot": "person_description",
    "A tall black man near the door": "person_description",
    "The guy in a red hoodie": "person_description",
    "A 45-year-old with long hair": "person_description",
    "Homeless people near the fountain": "person_description",
    "Someone wearing a blue coat": "person_description",
    "Immigrants hang out here": "person_description",
    "Elle est ivre": "health",
    "Ils sont toujours saouls": "health",
    "La personne semble droguée": "health",
    "Il est schizophrène": "health",
    "Quelqu’un en psychose": "health",
    "Le monsieur est gelé ben raide": "health",
    "Sous l’effet de la drogue": "health",
    "Le gars en hoodie, la vingtaine d’années": "person_description",
    "Le même toxicomane que d’habitude": "health",
    "Quelqu’un est en crise": "health",
    "He was drunk again": "health",
    "She looks high": "health",
    "A drug addict sleeps here": "health",
    "On crack, screaming": "health",
    "Maudits clochards": "dehumanising",
    "Une bande de déchets": "dehumanising",
    "Encore ces BS": "dehumanising",
    "De la vermine partout, ces gens": "dehumanising",
    "Nettoyez-moi ça, ces gens sont des parasites": "dehumanising",
    "Il faut ramasser les itinérants": "dehumanising person_description",
    "Débarrassez-nous de ces gens-là": "dehumanising",
    "Des déchets humains": "dehumanising",
    "Encore un junky": "dehumanising",
    "Des pushers sur les bancs": "person_description",
    "C’est un vendeur de drogue": "person_description",
    "Toujours des voleurs ici": "person_description",
    "Sans-abris partout": "person_description",
    "Je pense qu’il est fou": "health",
    "Beggars at each door": "person_description",
    "Meth heads and tramps": "dehumanising",
    "Clean up the homeless": "dehumanising person_description",
    "Junkies everywhere": "dehumanising",
    "Get rid of these people": "dehumanising",
    "These bums again": "dehumanising",
}

# The same letters without their accent speak of things.
ONLY_ITS_ACCENT_TELLS = {
    "Des drogués": "health",
    "Les drogués du parc": "health",
    "Il y a encore des drogués près de la fontaine": "health",
    "De drogués, le parc est plein": "health",
    "LES DROGUÉS": "health",
}

# About places, things and hours: nothing to say.
SILENT = [
    "",
    "La poubelle noire déborde depuis trois jours.",
    "3 sacs au coin Royale et Laviolette",
    "Ouvert 24 h, mais la toilette est fermée",
    "Le 22 novembre 2026 vers 14 h 30",
    "2026-11-22 14:30",
    "J’ai appelé le 311 hier",
    "Le 911 a été appelé, tout va bien maintenant",
    "Coût: 1 250,75 $ de réparation",
    "Environ 200 000 $ de travaux en 2025-2027",
    "rue Notre-Dame Centre, devant le 1425",
    "Poubelle pleine au parc Champlain",
    "Belle musique à la place Rita-Lafontaine",
    "Devant l’école Marguerite-Bourgeoys",
    "Rue Marguerite-Bourgeoys, verre brisé",
    "Bibliothèque Gatien-Lapointe, lampadaire éteint",
    "Parc Jean-Béliveau, banc cassé",
    "parc Pierre Boucher, banc cassé",
    "Au coin de Champflour et du boulevard Jean-XXIII",
    "Le district Marie-de-l’Incarnation est bien éclairé",
    "Rue Saint-Antoine, près du pont Laviolette",
    "Boulevard Saint-Jean, passage bloqué par un matelas",
    "Lampadaire no 4512 éteint rue des Forges",
    "Le lampadaire A12 ne marche plus",
    "La fontaine du parc Victoria coule encore",
    "Merci à la brigade de propreté",
    "Merci à l’équipe de Point de Rue",
    "L’Escouade Nomade est passée vite, bravo",
    "Belle soirée avec Culture Trois-Rivières",
    "Un manteau abandonné sur un banc",
    "Des souliers et un sac à dos près de la poubelle",
    "Cheveux et papier dans le lavabo",
    "La porte du chalet ferme mal",
    "Le point d’eau est gelé",
    "Verre brisé, bouteilles de boisson alcoolisée",
    "Une seringue près du banc",
    "Seringues dans le bac vert, 2 au sol",
    "Le parc est ouvert depuis 20 ans",
    "Un arbre de 50 ans est tombé",
    "La murale noire et blanche est abîmée",
    "Panneau en anglais seulement",
    "Rats près des bacs du marché",
    "Vente de drogue à côté du parc, la drogue inquiète",
    "Coquerelles dans le conteneur",
    "Des drogues sur le banc",
    "Les drogues et les seringues traînent",
    "De la drogue cachée près du muret",
    "LES DROGUES TRAÎNENT",
    "Le refuge pour sans-abris a une nouvelle enseigne",
    "La porte est folle, elle ne ferme plus",
    "Le concessionnaire a bloqué le trottoir",
    "Le trampoline du parc est brisé",
    "C’est fou comme la place est belle",
    "Un monde fou au spectacle du midi",
    "Il faut nettoyer la fontaine",
    "Toilettes des femmes fermées",
    "Le Centre d’amitié autochtone a fait une belle fête",
    "La Maison des jeunes a repeint le mur",
    "Une personne en situation d’itinérance pourrait avoir besoin d’aide",
    "Je m’inquiète pour quelqu’un près du quai",
    "Trousse de surdose absente de la boîte",
    "Devant le Jean Coutu de la rue Royale",
    "Graffiti « KM 42 » sur la façade",
    "Autobus 85 à l’arrêt 311",
    "Fosse de 150 MM de profond, trou de 12 cm",
    "Température de −15 °C, aucun lieu chaud ouvert",
    "12, rue des Forges",
    "Bac brisé devant le 1425, rue Royale",
    "Le buste de Maurice Duplessis est couvert de graffitis",
    "Les personnes en fauteuil roulant ne peuvent pas passer",
    "There is a crack in the sidewalk and people trip",
    "People can’t walk by, the snow is high",
    "The high school parking lot is dark",
    "The black bin is full",
    "3 bags near the bench, open 24 h",
    "Broken light on Royale Street since Nov 3",
    "Victoria Park fountain is leaking",
    "Charlotte Street sidewalk is blocked",
    "A red coat left on a bench",
    "The homeless shelter sign is broken",
    "The wheelchair ramp is icy",
    "Great noon music at the square, thank you",
    "Drunk driving sign is bent",
    "Women’s washroom has been closed since Monday",
    "Rats near the market bins",
    "Please clean up the fountain",
    "I called the city at 14:30",
    "Overdose kit missing at the library",
]


def kinds_in(text: str) -> set[str]:
    """Returns the kinds that the check finds in a text."""
    return {finding.kind.value for finding in screen(text)}


@pytest.mark.parametrize(("text", "kinds"), list(WARNS.items()), ids=list(WARNS))
def test_warns(text: str, kinds: str) -> None:
    assert set(kinds.split()) <= kinds_in(text)


@pytest.mark.parametrize("text", SILENT)
def test_stays_silent(text: str) -> None:
    assert kinds_in(text) == set()


@pytest.mark.parametrize(("text", "kind"), list(ONLY_ITS_ACCENT_TELLS.items()))
def test_an_accent_tells_people_from_things(text: str, kind: str) -> None:
    bare = "".join(
        character for character in unicodedata.normalize("NFD", text) if not unicodedata.combining(character)
    )
    assert kinds_in(text) == {kind} == kinds_in(unicodedata.normalize("NFD", text))
    assert kinds_in(bare) == set()


def test_the_table_is_long_enough_and_covers_every_kind() -> None:
    assert len(WARNS) >= 40 and len(SILENT) >= 40 and len(WARNS) + len(SILENT) >= 80
    assert {kind for kinds in WARNS.values() for kind in kinds.split()} == {kind.value for kind in FindingKind}


def variants(text: str) -> Iterator[str]:
    """Yields the same sentence as other keyboards and copy-paste would send it."""
    yield unicodedata.normalize("NFD", text)
    yield text.replace("’", "'")
    yield text.replace(" ", "\u00a0")
    yield text.replace(" ", "  ")
    yield "\u200b".join(text)
    yield "\u00ad".join(text)
    yield "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)


@pytest.mark.parametrize(("text", "kinds"), list(WARNS.items()), ids=list(WARNS))
def test_accents_apostrophes_spaces_and_invisible_characters_do_not_hide_a_finding(text: str, kinds: str) -> None:
    for variant in variants(text):
        assert set(kinds.split()) <= kinds_in(variant), ascii(variant)


@pytest.mark.parametrize(
    ("text", "kinds"), [(text, kinds) for text, kinds in WARNS.items() if not set(kinds.split()) & {"name", "plate"}]
)
def test_capitals_do_not_hide_a_finding(text: str, kinds: str) -> None:
    assert set(kinds.split()) <= kinds_in(text.upper())
    assert set(kinds.split()) <= kinds_in(text.lower())
    bare = "".join(
        character for character in unicodedata.normalize("NFD", text) if not unicodedata.combining(character)
    )
    assert set(kinds.split()) <= kinds_in(bare)


@pytest.mark.parametrize("text", SILENT)
def test_a_place_stays_a_place_however_it_is_written(text: str) -> None:
    assert kinds_in(unicodedata.normalize("NFD", text)) == set()
    assert kinds_in(text.lower()) == set()
    assert kinds_in(text.replace("’", "'").replace(" ", "\u202f")) == set()


def test_a_finding_says_where_and_keeps_no_excerpt() -> None:
    text = "Merci! Écrire à ro\u200bsa@exemple.ca, svp"
    (finding,) = screen(text)
    assert text[finding.start : finding.end] == "ro\u200bsa@exemple.ca"
    assert set(vars(finding)) == {"start", "end", "kind"}


def test_a_city_without_english_is_not_warned_in_english() -> None:
    assert screen("He was drunk again", languages=("fr",)) == ()
    assert screen("Il était ivre", languages=("en",)) == ()
    assert {finding.kind for finding in screen("rosa@exemple.ca", languages=())} == {FindingKind.EMAIL}


PIECES = st.sampled_from(
    [
        *WARNS,
        *SILENT,
        " ",
        "\u200b",
        "M.",
        "s’appelle",
        "819",
        "@",
        "-",
        "é",
        "e\u0301",
        "un ",
        "les ",
        "ﬁ",
        "½",
        "İ",
        "ß",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=280), st.lists(PIECES, max_size=12).map("".join)))
@example("\u0301")
@example("\u200b" * 280)
@example("@" * 280)
def test_it_never_raises_and_every_span_lies_in_the_text(text: str) -> None:
    findings = screen(text)
    assert list(findings) == sorted(findings)
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)


def patterns() -> Iterator[tuple[str, str]]:
    """Yields every pattern of the check with its name."""
    for name, value in vars(wording).items():
        if isinstance(value, re.Pattern):
            yield name, value.pattern
    for language in wording.SCREENED_LANGUAGES:
        for name, value in vars(wordlists.word_lists(language)).items():
            for pattern in value.values() if isinstance(value, dict) else [value]:
                yield f"{language} {name}", pattern.pattern
    yield "not_names", wordlists.name_lists().not_names.pattern


@pytest.mark.parametrize(("name", "pattern"), list(patterns()), ids=[name for name, _ in patterns()])
def test_no_pattern_repeats_without_limit(name: str, pattern: str) -> None:
    unescaped = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", pattern)
    unlimited = re.search(r"(?<!\()[*+]|\{\d*,\}", unescaped)
    assert unlimited is None, f"{name}: …{unescaped[max(0, unlimited.start() - 30) : unlimited.end()]}"


def steps_of(text: str) -> int:
    """Counts the calls of Python functions that one screening makes."""
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    screen(text)
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        screen(text)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1 ",
        "un homme ",
        "819 ",
        "@a",
        "a.",
        "M. ",
        "avec Aa ",
        "rue de la ",
        "Kevin ",
        "noir homme ",
        "plaque a ",
        "\u200b",
        "ivre ",
    ],
)
def test_the_longest_text_takes_a_bounded_number_of_steps(piece: str) -> None:
    longest = (piece * 280)[:280]
    assert steps_of(longest) < 25_000
    assert steps_of(longest * 2) < 6 * steps_of(longest) + 2_000
