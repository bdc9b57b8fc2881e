"""The engine's work in Prometheus' terms.

No label is a shop: ten thousand of them would be as many series, times buckets, in every process.
What one shop does stands in its runs, in the log under its name, and in ``engagement``.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

from gateway.observing.bounded_labels import OTHER
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.run import Run, Stage, WriteCounts
from sync_engine.model.sync_enums import SyncMode
from sync_engine.model.telemetry import ShopifyApi
from sync_engine.model.webhook_topics import WEBHOOK_TOPICS

_LONG_SECONDS = (1, 2.5, 5, 10, 30, 60, 150, 300, 600, 1800, 3600, 7200, 14400)
_REQUEST_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_COMMAND_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_DELAY_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600)

_OUTCOMES = ("created", "updated", "unchanged", "deleted", "failed")


class EngineMetrics:
    """Implements what ``Telemetry`` has of measures."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register every metric; a registry takes them once."""
        self._runs = Histogram(
            "echosignal_sync_run_duration_seconds",
            "How long runs took, from the first worker to the end.",
            ("mode", "state"),
            buckets=_LONG_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            "echosignal_sync_stage_duration_seconds",
            "How long a resource of a run took.",
            ("resource", "strategy", "mode", "outcome"),
            buckets=_LONG_SECONDS,
            registry=registry,
        )
        self._records = Counter(
            "echosignal_sync_records_total",
            "What became of the records that syncs read.",
            ("resource", "strategy", "mode", "outcome"),
            registry=registry,
        )
        self._fallbacks = Counter(
            "echosignal_sync_fallbacks_total",
            "Ways of reading that were given up.",
            ("resource", "from_strategy", "to_strategy"),
            registry=registry,
        )
        self._shopify = {
            name: Counter(f"echosignal_shopify_{metric}_total", text, ("api",), registry=registry)
            for name, metric, text in (
                ("requests", "requests", "Requests to Shopify."),
                ("cost_points", "cost_points", "What queries cost, in Shopify's points."),
                ("throttled", "refusals", "Requests that Shopify refused as too many."),
                ("retried", "retries", "Requests that were sent again."),
                ("failed", "failures", "Requests that failed for another reason."),
                ("seconds_waited_for_budget", "wait_seconds", "Time waited for allowances."),
                ("bytes_downloaded", "downloaded_bytes", "What exports brought."),
            )
        }
        for counter in self._shopify.values():
            for api in ShopifyApi:
                counter.labels(api)
        self._shopify_seconds = Histogram(
            "echosignal_shopify_request_duration_seconds",
            "How long Shopify took to answer.",
            ("api", "outcome"),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._commands = Histogram(
            "echosignal_database_command_duration_seconds",
            "How long MongoDB took to answer.",
            ("command", "outcome"),
            buckets=_COMMAND_SECONDS,
            registry=registry,
        )
        self._settled = Counter(
            "echosignal_webhooks_settled_total",
            "What became of webhooks that were taken in.",
            ("topic", "outcome"),
            registry=registry,
        )
        self._delay = Histogram(
            "echosignal_webhook_delay_seconds",
            "From when a webhook was taken in until it was settled for good.",
            buckets=_DELAY_SECONDS,
            registry=registry,
        )
        self._jobs = Histogram(
            "echosignal_job_duration_seconds",
            "How long recurring jobs took.",
            ("task", "outcome"),  # "job" is a label of Prometheus' own
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )

    def records_written(self, mode: SyncMode, stage: Stage, counts: WriteCounts) -> None:
        """Count records."""
        for outcome in _OUTCOMES:
            amount = getattr(counts, outcome)
            if amount > 0:
                self._records.labels(stage.resource, _strategy(stage), mode, outcome).inc(amount)

    def stage_ended(self, mode: SyncMode, stage: Stage) -> None:
        """Count a stage, and the ways that were given up in it."""
        for each in stage.fallbacks:
            self._fallbacks.labels(stage.resource, each.from_strategy, each.to_strategy).inc()
        if stage.started_at is not None and stage.finished_at is not None:
            seconds = (stage.finished_at - stage.started_at).total_seconds()
            labels = (stage.resource, _strategy(stage), mode, stage.phase)
            self._stages.labels(*labels).observe(seconds)

    def run_ended(self, run: Run) -> None:
        """Count a run."""
        if run.started_at is not None and run.finished_at is not None:
            seconds = (run.finished_at - run.started_at).total_seconds()
            self._runs.labels(run.mode, run.state).observe(seconds)

    def shopify_used(self, api: ShopifyApi, amounts: dict[str, float]) -> None:
        """Add up what was asked of Shopify."""
        for name, amount in amounts.items():
            self._shopify[name].labels(api).inc(amount)

    def shopify_answered(self, api: ShopifyApi, seconds: float, *, has_failed: bool) -> None:
        """Note how long a request took."""
        self._shopify_seconds.labels(api, _outcome(has_failed)).observe(seconds)

    def database_answered(self, command: str, seconds: float, *, has_failed: bool) -> None:
        """Note how long a command took; the driver's names are few."""
        self._commands.labels(command, _outcome(has_failed)).observe(seconds)

    def webhook_settled(self, topic: str, outcome: str, *, seconds_since_received: float) -> None:
        """Count a webhook; one that was put off is not at its end."""
        self._settled.labels(topic_label(topic), outcome.lower()).inc()
        if outcome != "PUT_OFF":
            self._delay.observe(seconds_since_received)

    def job_done(self, job: RecurringJob, seconds: float, *, has_failed: bool) -> None:
        """Note how long a job took."""
        self._jobs.labels(job, _outcome(has_failed)).observe(seconds)


def topic_label(topic: str) -> str:
    """Return the topic where it is one of those that Shopify is known to send to us."""
    return topic if topic in WEBHOOK_TOPICS else OTHER


def _strategy(stage: Stage) -> str:
    return "none" if stage.strategy is None else stage.strategy


def _outcome(has_failed: bool) -> str:  # noqa: FBT001 - it is all there is to say
    return "failed" if has_failed else "ok"
