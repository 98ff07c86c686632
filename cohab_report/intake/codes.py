"""Follow-up codes, which open an observation for whoever has one, and public references, which open nothing.

A follow-up code is derived from the client's UUID and the code key: the same observation sent twice gets the same code,
and only keyed hashes of both are stored. A code never identifies a person. Nothing here reads the database: the table
ensures that references are unique.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Literal, Protocol
from uuid import RFC_4122, UUID

from cohab_report.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32 characters: no I, L, O (read as 1, 1, 0) and no U."""
CODE_LENGTH = 20
CODE_GROUP = 4
REFERENCE_LENGTH = 7
REFERENCE_LETTERS = "CDFHJKMNRTVWX"
REFERENCE_CHARACTERS = REFERENCE_LETTERS + "2346789"
"""No vowel, no character that looks like another (B8, S5, Z2, G6, 0O, 1IL)."""

_VALUE_OF_CHARACTER = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans("OIL", "011")
_SEPARATORS = re.compile(r"[\s\-_.\u00b7\u2010-\u2015\u2212]")
_THREE_LETTERS = re.compile(f"[{REFERENCE_LETTERS}]{{3}}")

CodeProblem = Literal["malformed", "check"]


class CharacterChooser(Protocol):
    """A random source that draws one of several characters: the `secrets` module, or a seeded generator in tests."""

    def choice(self, seq: Sequence[str], /) -> str:
        """Returns one element, each with the same probability."""


def code_for(client_id: UUID, key: str | bytes) -> str:
    """Derives the follow-up code of a client UUID: five groups of four characters, always the same for one key.

    95 bits are secret; the last character is a check character. Raises Invalid("client_id", "not_version_4") unless the
    UUID is version 4 of RFC 9562: the others are guessable.
    """
    if client_id.version != 4 or client_id.variant != RFC_4122:
        raise Invalid("client_id", "not_version_4")
    digest = hmac.new(_key_bytes(key), f"code:{client_id}".encode(), hashlib.sha256).digest()
    bits = int.from_bytes(digest, "big")
    values = [(bits >> (5 * place)) & 31 for place in range(CODE_LENGTH - 1)]
    return _with_dashes("".join(ALPHABET[value] for value in [*values, _check_character_value(values)]))


def client_hash(client_id: UUID, key: str | bytes) -> UUID:
    """Returns the keyed hash under which a client id is stored: a UUID of version 8 (RFC 9562), with 122 bits of it.

    A client id is of version 4, so a stored hash is refused where an id is asked for.
    """
    digest = hmac.new(_key_bytes(key), f"client:{client_id}".encode(), hashlib.sha256).digest()
    bits = int.from_bytes(digest[:16], "big") & ~(0xF << 76 | 0b11 << 62)
    return UUID(int=bits | 8 << 76 | 0b10 << 62)


def code_problem(typed: str) -> CodeProblem | None:
    """Returns what is wrong with a typed code, or None.

    "malformed": wrong length or characters; "check": one character is wrong or two are swapped.
    """
    return _problem_of_characters(_normalized_characters(typed))


def code_hash(code: str, key: str | bytes) -> str:
    """Returns the keyed hash under which a code is stored, 64 hexadecimal digits; it can't be reversed without the key.

    Raises Invalid("code", …) when the text isn't a code.
    """
    characters = _normalized_characters(code)
    if problem := _problem_of_characters(characters):
        raise Invalid("code", problem)
    return hmac.new(_key_bytes(key), f"hash:{characters}".encode(), hashlib.sha256).hexdigest()


def new_reference(rng: CharacterChooser = secrets) -> str:
    """Draws a public reference of seven characters, one of a billion.

    It spells no word: it has no vowel and never three letters in a row.
    """
    while True:
        reference = "".join(rng.choice(REFERENCE_CHARACTERS) for _ in range(REFERENCE_LENGTH))
        if not _THREE_LETTERS.search(reference):
            return reference


def _key_bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key


def _normalized_characters(typed: str) -> str:
    """Strips a typed code of spaces, dashes, case and look-alikes."""
    plain = "".join(
        character for character in unicodedata.normalize("NFKC", typed) if unicodedata.category(character) != "Cf"
    )
    return _SEPARATORS.sub("", plain).upper().translate(_LOOKALIKES)


def _with_dashes(characters: str) -> str:
    return "-".join(characters[start : start + CODE_GROUP] for start in range(0, CODE_LENGTH, CODE_GROUP))


def _problem_of_characters(characters: str) -> CodeProblem | None:
    if len(characters) != CODE_LENGTH or any(character not in _VALUE_OF_CHARACTER for character in characters):
        return "malformed"
    values = [_VALUE_OF_CHARACTER[character] for character in characters]
    return None if _check_character_value(values[:-1]) == values[-1] else "check"


def _check_character_value(values: Sequence[int]) -> int:
    """Returns the value of the last character: it makes a weighted sum zero in the field of 32 elements (x⁵ + x² + 1).

    Each position is weighted by another power of x and the check character by 1, so any one wrong character and any
    swap of two different ones changes the sum (a Reed-Solomon code of distance two over each pair of positions).
    """
    total = 0
    for value in values:
        total = _multiply_by_x(total ^ value)
    return total


def _multiply_by_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
