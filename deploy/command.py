"""`python -m deploy.command check-city …`: a flask command in the surroundings of `make run`, with its keys and its database."""

import os
import sys

from deploy.instance import ROOT, prepare
from deploy.run import address_of_running


def main(words: list[str]) -> None:
    """Becomes `flask WORDS…` on this machine's instance; keys are made first when there are none."""
    os.umask(0o077)
    instance = prepare(ROOT / "instance")
    environ = instance.environ(os.environ, address_of_running(instance) or "http://127.0.0.1:8000")
    os.execve(sys.executable, [sys.executable, "-m", "flask", *words], environ)


if __name__ == "__main__":
    main(sys.argv[1:])
