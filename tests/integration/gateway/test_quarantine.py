"""The quarantine, over the API: what could not be kept is seen, and tried again when mended."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_engine.model.batch import Reject
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.store.store import Store
from tests.examples import MONDAY
from tests.integration.gateway.conftest import Caller
from tests.simulator_process import Simulator, simulator
from tests.waiting import ended_run

SHOP = "ill.myshopify.com"
TOKEN = "shpat_of_the_ill_shop"
CONNECT = """mutation($token: String!, $domain: ShopDomain!) {
    connectShop(input: {domain: $domain, accessToken: $token}) { userErrors { message } } }"""
ERRORS = """{ shop(domain: "ill.myshopify.com") {
    sync { lastRun { state errorCount message } }
    syncErrors { nodes { id resource resourceId code message payload resolvedAt } } } }"""
RETRY = """mutation { retrySyncErrors(input: {shop: "ill.myshopify.com"}) {
    resolved stillFailing userErrors { code message } } }"""


def reject(number: int) -> Reject:
    return Reject(
        code=SyncErrorCode.STORE_REJECTED,
        message="is refused by MongoDB",
        resource_id=f"gid://shopify/Order/{number}",
        payload="{}",
    )


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = f"ill:customers=20:products=10:orders=60:token={TOKEN}:plan=unmetered:jsonl=grouped"
    with simulator(spec, cache=tmp_path, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest.fixture
def further_settings() -> dict[str, Any]:
    """Export whatever the size of the shop."""
    return {"sync": {"few_records": 0}}


async def test_a_line_that_is_not_json_is_seen_and_cannot_be_retried(
    operator: Caller, shopify: Simulator, store: Store
) -> None:
    malformed = {"type": "malform_line", "line": 3}
    shopify.control("POST", "/faults", kind="download", action=malformed)
    await operator.data(CONNECT, domain=SHOP, token=TOKEN)
    (domain,) = shopify.domains
    await ended_run(store, domain)
    answer = (await operator.data(ERRORS))["shop"]
    assert answer["sync"]["lastRun"]["state"] == "PARTIAL"
    (error,) = answer["syncErrors"]["nodes"]
    assert (error["code"], error["resourceId"]) == ("MALFORMED_RECORD", None)
    assert error["payload"]
    retried = (await operator.data(RETRY))["retrySyncErrors"]
    assert retried == {"resolved": 0, "stillFailing": 1, "userErrors": []}


async def test_a_record_is_tried_again_when_its_cause_is_mended(
    operator: Caller, shopify: Simulator, store: Store
) -> None:
    await operator.data(CONNECT, domain=SHOP, token=TOKEN)
    (domain,) = shopify.domains
    await ended_run(store, domain)
    order = next(iter(shopify.truth(domain).orders()))
    errors = store.shop(domain).errors
    refused = [reject(order.id), reject(order.id), reject(1)]  # the last was deleted since
    await errors.add(refused, run_id="r", resource=Resource.ORDERS, now=MONDAY)
    retried = (await operator.data(RETRY))["retrySyncErrors"]
    assert retried == {"resolved": 3, "stillFailing": 0, "userErrors": []}
    nodes = (await operator.data(ERRORS))["shop"]["syncErrors"]["nodes"]
    assert all(node["resolvedAt"] for node in nodes)
    assert len(nodes) == 3


async def test_where_nothing_failed_there_is_nothing_to_retry(
    operator: Caller, shopify: Simulator, store: Store
) -> None:
    await operator.data(CONNECT, domain=SHOP, token=TOKEN)
    (domain,) = shopify.domains
    await ended_run(store, domain)
    retried = (await operator.data(RETRY))["retrySyncErrors"]
    assert retried == {"resolved": 0, "stillFailing": 0, "userErrors": []}
