"""Runs one worker on the queue; the app is made once, before jobs are forked."""

from cohab_report import jobs
from wsgi import app

if __name__ == "__main__":
    with app.app_context():
        jobs.run_worker()
