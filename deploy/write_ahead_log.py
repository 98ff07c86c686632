"""Writes SQLite's write-ahead log back into the database file once every part has stopped.

Parts that are ended by a signal close no connection, so the log would stay beside an old file.
"""

from contextlib import closing
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.engine import make_url


def write_back_log(database_url: str) -> None:
    """Writes the log of this database back and deletes it; does nothing for PostgreSQL, or when there is no file."""
    url = make_url(database_url) if database_url else None
    if url is None or url.get_backend_name() != "sqlite" or not url.database or not Path(url.database).is_file():
        return
    # The last connection that is closed deletes the log.
    with closing(sqlite.connect(url.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
