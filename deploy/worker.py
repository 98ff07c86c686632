"""One worker on the queue: every job that it forks finds the app already made."""

from cohab_report import jobs
from wsgi import app

if __name__ == "__main__":
    with app.app_context():
        jobs.work()
