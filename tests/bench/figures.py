"""Measures times: the median of several runs, after a few warm-up runs."""

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

WARM_UP_RUNS = 3
RUNS = 15


@dataclass(frozen=True)
class Figure:
    """Milliseconds of wall clock (median and least) and processor (median), and the statements of a run."""

    clock: float
    least: float
    processor: float
    statements: int


def measure_time(act: Callable[[], Any], engine: Engine | None = None, *, times: int = RUNS) -> Figure:
    """Measures how long `act` takes and how many statements it sends to this engine."""
    for _ in range(WARM_UP_RUNS):
        act()
    with recorded_statements(engine) as statements:
        act()
    clock, processor = [], []
    gc.collect()
    for _ in range(times):
        started, processor_started = time.perf_counter(), time.process_time()
        act()
        clock.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - processor_started) * 1000)
    return Figure(median(clock), min(clock), median(processor), len(statements))


@contextmanager
def recorded_statements(engine: Engine | None) -> Iterator[list[str]]:
    """Records the statements that are sent to the engine."""
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


def print_figure(figure: str, **facts: Any) -> None:
    """Prints a figure as one JSON line."""
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in facts.items()}
    sys.stdout.write(json.dumps({"figure": figure} | rounded, ensure_ascii=False) + "\n")
    sys.stdout.flush()
