"""The metrics of an eventful day say what happened, and who may see them."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.observing.observatory import Observatory
from tests.integration.observing.eventful_day import Day, value

WHAT_HAPPENED = [
    ("sync_run_duration_seconds_count", {"mode": "INITIAL", "state": "PARTIAL"}, 1),
    ("sync_run_duration_seconds_count", {"mode": "INCREMENTAL", "state": "FAILED"}, 1),
    ("sync_stage_duration_seconds_count", {"strategy": "BULK", "outcome": "DONE"}, 3),
    ("sync_records_total", {"strategy": "BULK", "mode": "INITIAL", "outcome": "created"}, 199),
    ("sync_records_total", {"strategy": "BULK", "mode": "INITIAL", "outcome": "failed"}, 1),
    ("shopify_refusals_total", {"api": "graphql"}, 1),
    ("shopify_retries_total", {"api": "graphql"}, 2),
    ("shopify_failures_total", {"api": "rest"}, 0),
    ("webhooks_received_total", {"topic": "orders/updated", "outcome": "stored"}, 20),
    ("webhooks_received_total", {"outcome": "refused", "topic": "other"}, 2),
    ("webhooks_settled_total", {"topic": "orders/updated", "outcome": "processed"}, 20),
    ("webhooks_settled_total", {"topic": "customers/update", "outcome": "failed"}, 1),
    ("http_requests_total", {"route": "/graphql", "status": "401"}, 6),
    ("http_requests_total", {"route": "(unmatched)", "status": "404"}, 1),
    ("graphql_operation_duration_seconds_count", {"name": "People", "outcome": "ok"}, 1),
    ("graphql_operation_duration_seconds_count", {"name": "Crash", "outcome": "failed"}, 1),
    ("graphql_operation_duration_seconds_count", {"name": "Watch", "outcome": "ended"}, 1),
    ("graphql_operation_duration_seconds_count", {"kind": "invalid"}, 2),
    ("graphql_subscribers", {}, 0),
    ("websocket_connections", {}, 0),
    ("database_up", {}, 1),
    ("inbox_events", {}, 0),
    ("shops", {}, 1),
    ("runs_queued", {}, 0),
]
AT_LEAST = [
    ("webhook_delay_seconds_count", {}, 42),
    ("shopify_requests_total", {"api": "graphql"}, 30),
    ("shopify_requests_total", {"api": "download"}, 3),
    ("shopify_cost_points_total", {"api": "graphql"}, 80),
    ("shopify_request_duration_seconds_count", {"outcome": "failed"}, 2),
    ("database_command_duration_seconds_count", {"command": "commitTransaction"}, 3),
    ("job_duration_seconds_count", {"task": "check_subscriptions", "outcome": "ok"}, 1),
]


@pytest.mark.parametrize(("name", "labels", "expected"), WHAT_HAPPENED)
def test_it_is_counted(day: Day, name: str, labels: dict[str, str], expected: int) -> None:
    assert day.value(f"echosignal_{name}", **labels) == expected


@pytest.mark.parametrize(("name", "labels", "least"), AT_LEAST)
def test_it_is_measured(day: Day, name: str, labels: dict[str, str], least: int) -> None:
    assert day.value(f"echosignal_{name}", **labels) >= least


def test_what_is_live_is_seen_while_it_is(day: Day) -> None:
    assert value(day.while_subscribed, "echosignal_graphql_subscribers") == 1
    assert value(day.while_subscribed, "echosignal_websocket_connections") == 1


def test_use_of_the_api_after_the_sync_is_counted_for_the_shop(day: Day) -> None:
    assert (
        day.engagement == 5
    )  # People, ByMail, a bad cursor, Watch, Crash; no nonsense, no operator


def test_no_label_names_a_shop_or_holds_what_somebody_wrote(day: Day) -> None:
    assert "myshopify" not in day.metrics
    assert "navy" not in day.metrics
    assert "Nonsense" not in day.metrics


class Cache:
    """As a cache of the engine counts."""

    hits, misses = 7, 3


def test_the_use_of_caches_is_told() -> None:
    observed = Observatory()
    observed.state.caches = {"kpis": Cache()}
    text = observed.exposition()[0].decode()
    assert value(text, "echosignal_cache_requests_total", cache="kpis", outcome="hit") == 7
    assert value(text, "echosignal_cache_requests_total", cache="kpis", outcome="miss") == 3


def test_names_that_clients_make_up_are_bounded() -> None:
    observed = Observatory()
    for number in range(1_000):
        observed.telemetry.operation_ended("query", f"Name{number}", "ok", 0.1)
    observed.telemetry.operation_ended("query", "x" * 1_000, "ok", 0.1)
    observed.telemetry.request_ended("BREW", "/graphql", 400, 0.1)
    observed.telemetry.webhook_received("made/up", "refused")
    text = observed.exposition()[0].decode()
    (family,) = (
        each
        for each in text_string_to_metric_families(text)
        if each.name == "echosignal_graphql_operation_duration_seconds"
    )
    assert len({sample.labels["name"] for sample in family.samples}) == 201
    name = "echosignal_graphql_operation_duration_seconds_count"
    assert value(text, name, name="other") == 801
    assert value(text, "echosignal_http_requests_total", method="other") == 1
    assert value(text, "echosignal_webhooks_received_total", topic="other") == 1
