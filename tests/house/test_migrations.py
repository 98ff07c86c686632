"""The scripts of migration make exactly the tables that the models describe, and take them down again, on both databases."""

from collections.abc import Callable

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect, text

from cohab_report import create_app
from cohab_report.db import db
from tests.conftest import settings_for


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_upgrade_equals_the_models_and_downgrade_leaves_nothing(engine, new_database: Callable[[str, str], str]):
    app = create_app(settings_for(new_database(engine, "migrated")))
    with app.app_context():
        check()
        downgrade(revision="0001")
        assert not set(inspect(db.engine).get_table_names()) & set(db.metadata.tables)
        upgrade()
        assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())
        with db.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM observation")).scalar() == 0
        db.engine.dispose()
