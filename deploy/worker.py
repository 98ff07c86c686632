"""Runs one worker on the queues that are named, or on all: `python -m deploy.worker clock events`.

The app is made once, before jobs are forked.
"""

import argparse

from cohab_report import jobs
from wsgi import app


def queue_name(word: str) -> jobs.QueueName:
    """Returns the queue of this name, such as `email`; raises ValueError when there is none."""
    names = {name.name.lower(): name for name in jobs.QueueName}
    if word not in names:
        raise argparse.ArgumentTypeError(f"there is no queue {word}: {', '.join(names)}")
    return names[word]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="deploy.worker", description="Runs one worker.")
    parser.add_argument("queues", nargs="*", type=queue_name, help="the queues it serves, the most urgent one first")
    names = parser.parse_args().queues or list(jobs.QueueName)
    with app.app_context():
        jobs.run_worker(names)
