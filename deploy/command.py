"""`python -m deploy.command check-city …`: runs a flask command with the keys and the database of `make run`."""

import os
import sys

from deploy.instance import ROOT, prepare_instance
from deploy.run import last_address


def main(arguments: list[str]) -> None:
    """Becomes `flask ARGUMENTS…` on this machine's instance; makes the keys first when there are none."""
    os.umask(0o077)
    instance = prepare_instance(ROOT / "instance")
    environ = instance.environ(os.environ, last_address(instance) or "http://127.0.0.1:8000")
    os.execve(sys.executable, [sys.executable, "-m", "flask", *arguments], environ)


if __name__ == "__main__":
    main(sys.argv[1:])
