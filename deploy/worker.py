"""Runs one worker on the queues that are named, or on all: `python -m deploy.worker clock events`, or `clock-events`.

The app is made once, before jobs are forked.
"""

import argparse
from itertools import chain

from cohab_report import jobs
from wsgi import app


def queue_names(words: str) -> list[jobs.QueueName]:
    """Returns the queues of these names, joined by `-`; raises ArgumentTypeError when there is no such queue."""
    names = {name.name.lower(): name for name in jobs.QueueName}
    for word in words.split("-"):
        if word not in names:
            raise argparse.ArgumentTypeError(f"there is no queue {word}: {', '.join(names)}")
    return [names[word] for word in words.split("-")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="deploy.worker", description="Runs one worker.")
    parser.add_argument("queues", nargs="*", type=queue_names, help="the queues it serves, the most urgent one first")
    names = list(chain.from_iterable(parser.parse_args().queues)) or list(jobs.QueueName)
    with app.app_context():
        jobs.run_worker(names)
