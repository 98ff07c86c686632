"""Metrics for Prometheus: what each package registers when the app is made, and their text at one moment.

Each is read from the database or the queue server when somebody asks, so that any process of the site tells the same.
They hold no personal data, and yet belong on a private address: how much waits is nobody's business.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import redis
from flask import Flask
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)
METRICS_EXTENSION = "cohab.metrics"
PREFIX = "cohab_"
FAILURES = "cohab_metric_read_failures"
Values = Mapping[str, float | None]


@dataclass(frozen=True)
class MetricSource:
    """A metric: its name, what it says, its label (empty without one), and how its values are read, by label."""

    name: str
    description: str
    label: str
    values: Callable[[], Values]
    is_counter: bool = False


def provide_metric(app: Flask, name: str, description: str, value: Callable[[], float | None]) -> None:
    """Adds a gauge with one value; None, when there is nothing to tell, leaves it out.

    By Prometheus' custom the name ends with its unit, such as `_seconds`; seconds of age count from the present.
    """
    _add(app, MetricSource(f"{PREFIX}{name}", description, "", lambda: {"": value()}))


def provide_metrics(app: Flask, name: str, description: str, *, label: str, values: Callable[[], Values]) -> None:
    """Adds a gauge with a value for each value of a label, such as the name of a queue."""
    _add(app, MetricSource(f"{PREFIX}{name}", description, label, values))


def provide_counter(app: Flask, name: str, description: str, value: Callable[[], float | None]) -> None:
    """Adds a number that only grows, and begins anew when what keeps it was lost; `_total` is added to its name."""
    _add(app, MetricSource(f"{PREFIX}{name}", description, "", lambda: {"": value()}, is_counter=True))


def metric_registry(app: Flask) -> CollectorRegistry:
    """Returns the registry that Prometheus' text is made of, each time with the values of that moment."""
    registry = CollectorRegistry()
    registry.register(_AppCollector(app))
    return registry


def metric_sources(app: Flask) -> list[MetricSource]:
    """Returns what packages registered."""
    return cast(list[MetricSource], app.extensions.setdefault(METRICS_EXTENSION, []))


class _AppCollector(Collector):
    """Reads the app's metrics; what can't be read is left out and counted as a failure."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def describe(self) -> list[Metric]:
        """Returns the metrics without values: registering asks no database."""
        return [_family(source, {}) for source in metric_sources(self.app)]

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics with their present values."""
        families = [self._read(source) for source in metric_sources(self.app)]
        yield from (family for family in families if family is not None)
        failed = sum(family is None for family in families)
        yield GaugeMetricFamily(FAILURES, "Metrics that could not be read just now.", value=failed)

    def _read(self, source: MetricSource) -> Metric | None:
        # A context, and so a database session, of its own: one that can't be read must not spoil the next.
        try:
            with self.app.app_context():
                return _family(source, source.values())
        except (SQLAlchemyError, redis.RedisError, OSError) as error:
            log.warning("a metric could not be read", extra={"metric": source.name, "error": type(error).__name__})
            return None


def _add(app: Flask, source: MetricSource) -> None:
    metric_sources(app).append(source)


def _family(source: MetricSource, values: Values) -> Metric:
    kind = CounterMetricFamily if source.is_counter else GaugeMetricFamily
    family = kind(source.name, source.description, labels=[source.label] if source.label else [])
    for label, value in values.items():
        if value is not None:
            family.add_metric([label] if source.label else [], float(value))
    return family
