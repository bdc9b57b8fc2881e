"""How things stand, as MongoDB knows it, in Prometheus' terms.

Every process of an installation tells the same: take the ``max`` of them, never the ``sum``.
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sync_engine.model.backlog import Backlog, Engagement, Waiting
from sync_engine.model.telemetry import CacheCounts


class StateMetrics(Collector):
    """What was last seen; what could not be seen is left out rather than told from memory."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register; there is nothing to tell yet."""
        self.backlog: Backlog | None = None
        self.engagement: Iterable[Engagement] = ()
        self.caches: Mapping[str, CacheCounts] = {}
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Name everything, seen or not."""
        return [*self._database(), *_backlog(None), _engagement(()), _caches({})]

    def collect(self) -> Iterator[Metric]:
        """Tell what was last seen."""
        yield from self._database()
        yield from _backlog(self.backlog)
        yield _engagement(self.engagement)
        yield _caches(self.caches)

    def _database(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "echosignal_database_up",
            "Whether MongoDB said how things stand when it was last asked.",
            value=float(self.backlog is not None),
        )


def _backlog(backlog: Backlog | None) -> Iterator[Metric]:
    sorts: list[tuple[str, str, Waiting | None]] = [
        (
            "echosignal_inbox_events",
            "Webhooks that were taken in and are not applied yet, up to 10,000.",
            None if backlog is None else backlog.events,
        ),
        (
            "echosignal_jobs_overdue",
            "Recurring jobs that are due and nobody does.",
            None if backlog is None else backlog.jobs,
        ),
        (
            "echosignal_runs_queued",
            "Runs that nobody works on yet.",
            None if backlog is None else backlog.runs,
        ),
    ]
    for name, text, waiting in sorts:
        count = GaugeMetricFamily(name, text)
        oldest = GaugeMetricFamily(f"{name}_oldest_seconds", f"{text} How long the oldest waits.")
        if waiting is not None:
            count.add_metric([], waiting.count)
            oldest.add_metric([], waiting.oldest_seconds)
        yield count
        yield oldest
    shops = GaugeMetricFamily("echosignal_shops", "Shops by status.", labels=["status"])
    for status, number in ({} if backlog is None else backlog.shops).items():
        shops.add_metric([status], number)
    yield shops


def _engagement(days: Iterable[Engagement]) -> Metric:
    metric = GaugeMetricFamily(
        "echosignal_engagement",
        "Shops whose people used the API after the first sync, and their operations, by UTC day.",
        labels=["day", "what"],
    )
    for name, each in zip(("today", "yesterday"), days, strict=False):
        metric.add_metric([name, "shops"], each.shops)
        metric.add_metric([name, "operations"], each.operations)
    return metric


def _caches(caches: Mapping[str, CacheCounts]) -> Metric:
    metric = CounterMetricFamily(
        "echosignal_cache_requests", "Requests to caches.", labels=["cache", "outcome"]
    )
    for name, cache in caches.items():
        metric.add_metric([name, "hit"], cache.hits)
        metric.add_metric([name, "miss"], cache.misses)
    return metric
