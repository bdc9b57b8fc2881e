"""The audit, over the API: every mutation leaves an entry that says who has done what."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType

from gateway.graphql.schema import build_schema
from sync_engine.model.access import ViewerScope
from sync_engine.model.audit import AuditEntry
from sync_engine.model.batch import Reject
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.store.store import Store
from tests.examples import MONDAY
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller, MakeCaller
from tests.raw_database import holding, raw_documents
from tests.simulator_process import Simulator, simulator
from tests.waiting import ended_run, until

SHOP = ShopDomain("noted.myshopify.com")
TOKEN = "shpat_of_the_noted_shop"
OPERATIONS = {
    "connectShop": f'(input: {{domain: "{SHOP}", accessToken: "{TOKEN}"}})',
    "cancelSync": '(input: {runId: "RUN"})',
    "startSync": f'(input: {{shop: "{SHOP}", mode: INITIAL}})',
    "retrySyncErrors": f'(input: {{shop: "{SHOP}"}})',
    "updateShopSettings": f'(input: {{shop: "{SHOP}", reconcileIntervalDays: 3}})',
    "disconnectShop": f'(input: {{shop: "{SHOP}"}})',
}
"""A call of each mutation that succeeds, in an order in which all of them do."""
AUDIT = """{ shop(domain: "noted.myshopify.com") { auditEvents(first: 2) {
    totalCount nodes { what who at correlationId details } pageInfo { hasNextPage } } } }"""


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = f"noted:customers=20:products=10:orders=30:token={TOKEN}:plan=unmetered"
    with simulator(spec, cache=tmp_path, arguments=("--bulk-seconds", "0")) as running:
        yield running


async def entries(store: Store) -> list[AuditEntry]:
    """Return what is noted of the shop, the oldest first."""
    page = await store.shop(SHOP).audit.page(first=250)
    return [item.node for item in reversed(page.items)]


async def change(caller: Caller, name: str, run: str | None = None) -> tuple[Any, str]:
    """Call a mutation and return its payload and the id of the request."""
    call = OPERATIONS[name].replace("RUN", run or "")
    response = await caller.post(f"mutation {{ {name}{call} {{ userErrors {{ message }} }} }}")
    answer = response.json()
    assert "errors" not in answer, answer
    return answer["data"][name], response.headers["x-request-id"]


async def test_every_mutation_that_succeeds_leaves_an_entry(
    operator: Caller, shopify: Simulator, store: Store, mongodb_uri: str, database_name: str
) -> None:
    del shopify
    mutations = build_schema()._schema.mutation_type  # noqa: SLF001 - the library offers no other way
    assert isinstance(mutations, GraphQLObjectType)
    assert set(mutations.fields) == set(OPERATIONS), "say above how to call it with success"
    noted: dict[str, AuditEntry] = {}
    for name in OPERATIONS:
        run = await store.shop(SHOP).runs.latest()
        if name == "retrySyncErrors":
            await ended_run(store, SHOP)
            reject = Reject(
                code=SyncErrorCode.STORE_REJECTED,
                message="is refused",
                resource_id="gid://shopify/Order/1",
                payload="{}",
            )
            await store.shop(SHOP).errors.add(
                [reject], run_id=None, resource=Resource.ORDERS, now=MONDAY
            )
        before = await entries(store)
        payload, request_id = await change(operator, name, run.id if run else None)
        assert payload["userErrors"] == [], name
        (entry,) = (await entries(store))[len(before) :]
        assert (entry.what, entry.who) == (name, "operator")
        assert entry.correlation_id == request_id
        noted[name] = entry
    runs = await store.shop(SHOP).runs.page(first=10)
    assert noted["startSync"].details["run_id"] in {item.node.id for item in runs.items}
    assert noted["retrySyncErrors"].details["resolved"] == 1
    assert noted["updateShopSettings"].details == {
        "before": {"reconcile_interval_days": 7},
        "after": {"reconcile_interval_days": 3},
    }
    documents = await raw_documents(mongodb_uri, database_name)
    assert holding({"audit": documents["audit"]}, [TOKEN, OPERATOR_TOKEN]) == {}

    audit = (await operator.data(AUDIT))["shop"]["auditEvents"]
    assert audit["totalCount"] == len(OPERATIONS)
    assert [each["what"] for each in audit["nodes"]] == ["disconnectShop", "updateShopSettings"]
    assert audit["pageInfo"] == {"hasNextPage": True}


async def test_a_caller_is_named_by_the_token_and_what_is_refused_is_not_noted(
    operator: Caller, store: Store, make_caller: MakeCaller
) -> None:
    await change(operator, "connectShop")
    reader = await make_caller(SHOP, ViewerScope.READ_SYNC)
    payload, _ = await change(reader, "updateShopSettings")
    assert payload["userErrors"]
    writer = await make_caller(SHOP, ViewerScope.WRITE_SETTINGS)
    payload, _ = await change(writer, "updateShopSettings")
    assert payload["userErrors"] == []
    tokens = await store.api_tokens.list(SHOP)
    last = (await entries(store))[1:]
    assert [(each.what, each.who) for each in last] == [
        ("updateShopSettings", f"token {tokens[-1].id}")
    ]
    assert await writer.code(AUDIT) == "FORBIDDEN"


async def test_installs_and_uninstalls_are_noted(
    operator: Caller, shopify: Simulator, store: Store
) -> None:
    operator.http.follow_redirects = True
    landed = await operator.http.get(f"/auth/shopify?shop={SHOP}")
    assert landed.status_code == 200

    async def is_subscribed() -> bool:
        made = shopify.control("GET", f"/shops/{SHOP}/subscriptions")
        return any("uninstalled" in str(each).lower() for each in made)

    await until(is_subscribed)
    shopify.control("POST", f"/shops/{SHOP}/uninstall")

    async def has_left() -> bool:
        return len(await entries(store)) == 2

    await until(has_left)
    installed, left = await entries(store)
    assert (installed.what, installed.who) == ("app.installed", "merchant")
    assert (left.what, left.who) == ("app/uninstalled", "shopify")
    assert left.correlation_id is not None
