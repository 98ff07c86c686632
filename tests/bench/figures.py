"""What a figure is, and how one is taken: the middle of several, after a few that don't count."""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import Engine, event

WARM_UPS = 3
TIMES = 15


@dataclass(frozen=True)
class Taken:
    """Milliseconds of the clock (the middle of several, and the least) and of the processor, and how many statements each run sent."""

    clock: float
    least: float
    processor: float
    statements: int


def take(act: Callable[[], Any], engine: Engine | None = None, *, times: int = TIMES) -> Taken:
    """How long `act` takes and how many statements it sends to this engine."""
    for _ in range(WARM_UPS):
        act()
    with counted(engine) as statements:
        act()
    clock, processor = [], []
    gc.collect()
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        act()
        clock.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    return Taken(median(clock), min(clock), median(processor), len(statements))


@contextmanager
def counted(engine: Engine | None) -> Iterator[list[str]]:
    """The statements that are sent to the engine meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    if engine is not None:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        if engine is not None:
            event.remove(engine, "before_cursor_execute", note)


def tell(figure: str, **facts: Any) -> None:
    """One JSON line."""
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in facts.items()}
    sys.stdout.write(json.dumps({"figure": figure} | rounded, ensure_ascii=False) + "\n")
    sys.stdout.flush()
