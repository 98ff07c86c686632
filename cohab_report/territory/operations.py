"""Saves the blocks of protected cells."""

from sqlalchemy import insert

from cohab_report.db import db
from cohab_report.territory import queries
from cohab_report.territory.models import ProtectedBlock


def save_protected_blocks() -> int:
    """Adds to the database the blocks that the protected sites need and that are not in it; returns how many.

    They protect before they are saved, too. Saved, they outlast the sites, the places and the key that they were drawn
    from.
    """
    blocks = queries.city_facts().unsaved_blocks
    if blocks:
        db.session.execute(insert(ProtectedBlock), [vars(block) for block in blocks])
    return len(blocks)
