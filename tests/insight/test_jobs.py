"""The worker counts by itself: the schedule asks for it, and what it counted stays."""

from flask import Flask
from sqlalchemy.orm import Session

from cohab_report.db import db
from cohab_report.insight import jobs, queries
from tests import factories
from tests.cast import Cast


def test_count_and_publish_commits_what_it_counted(app: Flask, session: Session, cast: Cast) -> None:
    factories.observation("DECHET-1")
    session.commit()
    db.session.rollback()
    assert jobs.count_and_publish() >= 1
    assert queries.counting_times() != {}
