"""Of a client id only a keyed hash is kept: whoever has the id has the observation, as with its code.

The ids of before are hashed here with the code key of the settings that the command runs with, so that a phone that
sends one of them again gets the same receipt. There is no way back to the ids: after a downgrade such a phone's
observation would be received a second time.

Revision ID: 20261130_client_hashes Revises: 20261130_police_transfers
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "20261130_client_hashes"
down_revision = "20261130_police_transfers"
branch_labels = None
depends_on = None

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
BATCH = 1000
observation = sa.table(
    "observation", sa.column("id", sa.BigInteger()), sa.column("client_id", sa.Uuid()), sa.column("code_hash")
)


class WrongCodeKey(Exception):
    """The codes of this database were made with another code key than the one in the settings."""


def upgrade() -> None:
    connection = op.get_bind()
    keys = [key.encode() for key in current_app.config["SETTINGS"].code_keys]
    query = sa.select(observation.c.id, observation.c.client_id, observation.c.code_hash).order_by(observation.c.id)
    update = (
        observation.update().where(observation.c.id == sa.bindparam("row")).values(client_id=sa.bindparam("hashed"))
    )
    last = 0
    while rows := connection.execute(query.where(observation.c.id > last).limit(BATCH)).all():
        # Those of version 8 are hashes already, of a database that was downgraded.
        if ids := [row for row in rows if row.client_id.version == 4]:
            _refuse_another_key(ids, keys)
            connection.execute(update, [{"row": row.id, "hashed": _client_hash(row, keys)} for row in ids])
        last = rows[-1].id
    op.execute("ALTER TABLE observation RENAME COLUMN client_id TO client_hash")


def downgrade() -> None:
    op.execute("ALTER TABLE observation RENAME COLUMN client_hash TO client_id")


def _refuse_another_key(rows: Sequence[sa.Row[Any]], keys: Sequence[bytes]) -> None:
    """Raises WrongCodeKey when no code of these rows was made with these keys: their hashes would recognise nothing."""
    if not any(_code_hash(row.client_id, key) == row.code_hash for row in rows for key in keys):
        raise WrongCodeKey("COHAB_CODE_KEY is not the key that this database's follow-up codes were made with")


def _client_hash(row: sa.Row[Any], keys: Sequence[bytes]) -> UUID:
    """Returns the hash made with the key that the row's code was made with, or with the newest."""
    key = next((key for key in keys if _code_hash(row.client_id, key) == row.code_hash), keys[0])
    digest = hmac.new(key, f"client:{row.client_id}".encode(), hashlib.sha256).digest()
    bits = int.from_bytes(digest[:16], "big") & ~(0xF << 76 | 0b11 << 62)
    return UUID(int=bits | 8 << 76 | 0b10 << 62)


def _code_hash(client_id: UUID, key: bytes) -> str:
    bits = int.from_bytes(hmac.new(key, f"code:{client_id}".encode(), hashlib.sha256).digest(), "big")
    values = [(bits >> (5 * place)) & 31 for place in range(CODE_LENGTH - 1)]
    characters = "".join(ALPHABET[value] for value in [*values, _check_character_value(values)])
    return hmac.new(key, f"hash:{characters}".encode(), hashlib.sha256).hexdigest()


def _check_character_value(values: Sequence[int]) -> int:
    total = 0
    for value in values:
        doubled = (total ^ value) << 1
        total = doubled ^ 0b100101 if doubled & 32 else doubled
    return total
