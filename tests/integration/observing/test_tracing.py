"""Traces: what was done for what, as one tree; and really sent where the setting says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from config.settings import Settings, load_settings
from gateway.cli.following import follow_run
from gateway.cli.observing import observatory
from gateway.observing.observatory import Observatory
from gateway.observing.tracing import Tracing
from sync_engine.model.shop import AccessGrant
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import SyncMode, SyncState, SyncTrigger
from sync_engine.open_engine import Duty, open_engine
from tests.integration.observing.eventful_day import GUESSES, Day
from tests.private_data import private_data
from tests.simulator_process import API_KEY, API_SECRET, Simulator, simulator

SHOP = ShopDomain("traced.myshopify.com")


@pytest.fixture(scope="module")
def shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = "traced:customers=10:products=5:orders=20:plan=unmetered"
    cache = tmp_path_factory.mktemp("exports")
    with simulator(spec, cache=cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest.fixture
def settings(
    mongodb_uri: str, database_name: str, encryption_key: str, tmp_path: Path, shopify: Simulator
) -> Settings:
    """Return the settings of an engine that exports everything."""
    return load_settings(
        data_dir=tmp_path,
        mongodb={"uri": mongodb_uri, "database": database_name},
        encryption_keys=encryption_key,
        sync={"few_records": 0},
        shopify={"base_url": shopify.base_url, "api_key": API_KEY, "api_secret": API_SECRET},
    )


class Unseen:
    """A display that nobody looks at."""

    def show(self, run: object) -> None:
        del run


async def test_what_a_run_does_is_one_tree_without_anybodys_data(settings: Settings) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    telemetry = Observatory(tracing).telemetry
    async with open_engine(settings, duty=Duty.WHAT_IS_ASKED, telemetry=telemetry) as engine:
        await engine.connect(SHOP, AccessGrant(access_token="shpat_traced"))
        run, _ = await engine.start_sync(SHOP, mode=SyncMode.INITIAL, trigger=SyncTrigger.MANUAL)
        run = await follow_run(engine, run, Unseen())
    assert run.state is SyncState.SUCCEEDED
    tracing.close()
    spans = exporter.get_finished_spans()
    (root,) = [span for span in spans if span.name == "run"]
    assert root.attributes is not None
    assert root.attributes["echosignal.run_id"] == run.id
    assert root.attributes["echosignal.shop"] == SHOP
    of_run = [span for span in spans if _trace(span) == _trace(root)]
    names = {span.name for span in of_run}
    assert {"stage", "batch", "shopify bulk_start", "mongodb commitTransaction"} <= names
    stages = [span for span in of_run if span.name == "stage"]
    assert {_parent(stage) for stage in stages} == {_id(root)}
    batches = [span for span in of_run if span.name == "batch"]
    assert {_parent(batch) for batch in batches} <= {_id(stage) for stage in stages}
    written = "\n".join(span.to_json() for span in spans)
    assert private_data(written) == []


async def test_what_fails_is_marked_by_its_class_and_not_quoted() -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    with pytest.raises(ValueError, match="ada"), tracing.span("work", {"shop": SHOP}):
        raise ValueError("ada@example.com")
    tracing.note("mongodb find", 0.5, has_failed=False)  # on behalf of nothing
    tracing.close()
    (span,) = exporter.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "ada@" not in span.to_json()


def test_what_an_eventful_day_did_was_sent_to_the_collector(day: Day) -> None:
    names = {span.name for span in day.spans}
    assert {"run", "webhooks", "job", "graphql People", "graphql Crash", "mongodb find"} <= names
    assert private_data(str(day.spans), [*day.secrets, *GUESSES]) == []
    for each in day.people:
        assert f'"{each}"' not in str(day.spans)


async def test_nothing_is_traced_where_nothing_is_set(tmp_path: Path) -> None:
    async with observatory(load_settings(data_dir=tmp_path)) as observed:
        first = observed.telemetry.span("work", shop=SHOP)
        assert first is observed.telemetry.span("more work")


def _trace(span: ReadableSpan) -> int | None:
    return None if span.context is None else span.context.trace_id


def _id(span: ReadableSpan) -> int | None:
    return None if span.context is None else span.context.span_id


def _parent(span: ReadableSpan) -> int | None:
    return None if span.parent is None else span.parent.span_id
