"""Follow-up codes and public references: what a resident keeps, and what everybody may read.

A follow-up code is made from the client's UUID and the code key, so sending the same observation twice gives the same code and nothing
but a keyed hash need be stored. It refuses to be an identifier of a person, and it knows no database: uniqueness of references is the
table's business.
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
"""Crockford's 32 signs: no I, L, O (read as 1, 1, 0) and no U."""
LENGTH = 20
GROUP = 4
REFERENCE_LENGTH = 7
REFERENCE_LETTERS = "CDFHJKMNRTVWX"
REFERENCE_SIGNS = REFERENCE_LETTERS + "2346789"
"""No vowel, nothing that looks like another sign (B8, S5, Z2, G6, 0O, 1IL)."""

_SIGN = {sign: value for value, sign in enumerate(ALPHABET)}
_LOOKS_LIKE = str.maketrans("OIL", "011")
_NOT_A_SIGN = re.compile(r"[\s\-_.\u00b7\u2010-\u2015\u2212]")
_THREE_LETTERS = re.compile(f"[{REFERENCE_LETTERS}]{{3}}")

Unreadable = Literal["malformed", "check"]


class Chooser(Protocol):
    """Anything that draws one of several signs: the `secrets` module, or a seeded generator in tests."""

    def choice(self, seq: Sequence[str], /) -> str:
        """One element, each as likely as the others."""


def code_for(client_id: UUID, key: str | bytes) -> str:
    """The follow-up code of this client UUID: five groups of four signs, 95 secret bits and one check sign, always the same for one key.

    Raises Invalid("client_id", "not_version_4") unless the UUID is version 4 of RFC 9562: the others are guessable.
    """
    if client_id.version != 4 or client_id.variant != RFC_4122:
        raise Invalid("client_id", "not_version_4")
    digest = hmac.new(_bytes(key), f"code:{client_id}".encode(), hashlib.sha256).digest()
    bits = int.from_bytes(digest, "big")
    values = [(bits >> (5 * place)) & 31 for place in range(LENGTH - 1)]
    return _grouped("".join(ALPHABET[value] for value in [*values, _check_value(values)]))


def read_code(typed: str) -> str | None:
    """The code that was meant, in its written form, whatever its case, spaces, dashes and look-alikes; None when it can't be one."""
    signs = _signs(typed)
    return None if _trouble(signs) else _grouped(signs)


def why_unreadable(typed: str) -> Unreadable | None:
    """What is wrong with a typed code: "malformed" (length or signs), "check" (a sign is wrong or two are swapped), or None."""
    return _trouble(_signs(typed))


def code_hash(code: str, key: str | bytes) -> str:
    """The keyed hash under which a code is stored, 64 hexadecimal digits; the code can't be found from it without the key.

    Raises Invalid("code", …) when the text isn't a code.
    """
    signs = _signs(code)
    if trouble := _trouble(signs):
        raise Invalid("code", trouble)
    return hmac.new(_bytes(key), f"hash:{signs}".encode(), hashlib.sha256).hexdigest()


def new_reference(rng: Chooser = secrets) -> str:
    """A short public reference of seven signs, of a billion, that spells nothing: no vowel and never three letters in a row."""
    while True:
        reference = "".join(rng.choice(REFERENCE_SIGNS) for _ in range(REFERENCE_LENGTH))
        if not _THREE_LETTERS.search(reference):
            return reference


def _bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key


def _signs(typed: str) -> str:
    """What was typed without spaces, dashes, case and look-alikes."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if unicodedata.category(sign) != "Cf")
    return _NOT_A_SIGN.sub("", plain).upper().translate(_LOOKS_LIKE)


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _trouble(signs: str) -> Unreadable | None:
    if len(signs) != LENGTH or any(sign not in _SIGN for sign in signs):
        return "malformed"
    values = [_SIGN[sign] for sign in signs]
    return None if _check_value(values[:-1]) == values[-1] else "check"


def _check_value(values: Sequence[int]) -> int:
    """The last sign that makes the weighted sum zero in the field of 32 elements (x⁵ + x² + 1).

    Each place weighs another power of x and the check sign weighs 1, so any one wrong sign and any swap of two different signs, near or
    far, changes the sum (a Reed-Solomon code of distance two over each pair of places).
    """
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
