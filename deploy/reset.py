"""`make demo-reset`: deletes this machine's demo data and keeps its keys, so that the next `make run` begins anew.

Deletes only what `make run` itself made under instance/, and nothing at all while the parts run or where residents
could be real.
"""

import os
import shutil
import sys

from deploy.instance import ROOT, prepare_instance
from deploy.run import try_lock


def main() -> int:
    """Deletes the demo data and returns 0, or prints why not and returns 1."""
    if os.environ.get("COHAB_ENV") == "production" or os.environ.get("COHAB_DATABASE_URL"):
        print("Refused: COHAB_ENV or COHAB_DATABASE_URL says that this is more than a demo.", file=sys.stderr)
        return 1
    instance = prepare_instance(ROOT / "instance")
    with (instance.run / "lock").open("a+", encoding="utf-8") as lock:
        if not try_lock(lock):
            print("Refused while it runs: `make stop` first.", file=sys.stderr)
            return 1
        for path in instance.home.glob("cohab.db*"):
            path.unlink()
        for folder in ("queue", "mailbox", "media", "logs"):
            shutil.rmtree(instance.home / folder, ignore_errors=True)
    print("Demo data deleted. `make run` begins anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
