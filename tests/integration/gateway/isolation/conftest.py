"""One shop at two gateways: beside another, and alone."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from graphql import build_schema

from config.settings import Settings, load_settings
from gateway.app import create_app
from gateway.graphql.schema import print_schema
from gateway.serving import listen, serving
from sync_engine.model.access import MERCHANT_SCOPES, ViewerScope
from sync_engine.model.run import Run
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.random_operations import Operations
from tests.two_shops import MINE, RECORDS, THEIRS, copy_of, documents_of, drop, fill, marker
from tests.unused_port import unused_port

FOREIGN = marker(THEIRS)


SCHEMA = build_schema(print_schema())


CURSORS = """query($shop: ShopDomain!) { shop(domain: $shop) {
    customers(first: 2) { edges { cursor } } products(first: 2) { edges { cursor } }
    orders(first: 2) { edges { cursor } } syncRuns(first: 2) { edges { cursor } }
    syncErrors(first: 2) { edges { cursor } } webhookEvents(first: 2) { edges { cursor } } }
    shops(first: 2) { edges { cursor } } }"""


UNKNOWN_RUN = "01a2179b9108c3e498d23c4b8bb2"


@pytest.fixture(autouse=True)
def collected_after_the_test() -> Iterator[None]:
    """Let the resolvers that nobody awaited be collected where Python can warn of them.

    Where a field that may not be null fails, graphql-core cancels its siblings and never awaits the
    resolvers of those that had not begun. Tests ignore the warning; where the collector comes by
    within code that is run without builtins, there is no warning to be ignored but an error.
    """
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@dataclass(frozen=True, kw_only=True, repr=False)
class Twins:
    """One shop at two gateways: beside another, and alone."""

    beside: Caller
    alone: Caller
    other: Caller
    store: Store
    uri: str
    database: str
    mine: Run
    theirs: Run
    pool: dict[str, list[Any]]

    def operations(self) -> Operations:
        return Operations(SCHEMA, self.pool)

    async def others_documents(self) -> dict[str, list[Any]]:
        """Return all that is stored of the other shop, but for when its own token was used."""
        documents = await documents_of(self.uri, self.database, THEIRS)
        for token in documents["api_tokens"]:
            token.pop("last_used_at")
        return documents


def settings_of(uri: str, database: str, key: str, data_dir: Path) -> Settings:
    port = unused_port()
    return load_settings(
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        data_dir=data_dir,
        mongodb={"uri": uri, "database": database},
        encryption_keys=key,
        operator_token=OPERATOR_TOKEN,
        shopify={"base_url": "http://127.0.0.1:9/{shop}", "api_key": "key", "api_secret": "secret"},
    )


async def pool_of(store: Store, operator: Caller, runs: list[Run]) -> dict[str, list[Any]]:
    """Return what arguments are drawn from: all that there is to know of either shop, and more."""
    cursors: dict[str, list[Any]] = {}
    errors: list[str] = ["unknown"]
    for shop in (MINE, THEIRS):
        lists = await operator.data(CURSORS, shop=shop)
        for name, each in (*lists["shop"].items(), ("shops", lists["shops"])):
            known = cursors.setdefault(f"{name}.after", ["x"])
            known += [edge["cursor"] for edge in each["edges"]]
        errors += [item.node.id for item in (await store.shop(shop).errors.page(first=9)).items]
    gids = [
        f"gid://shopify/{kind}/{number}"
        for kind in ("Customer", "Product", "Order", "Shop")
        for number in (1, RECORDS, RECORDS + 1)
    ]
    run_ids = [run.id for run in runs] + [UNKNOWN_RUN]
    words = [marker(MINE), FOREIGN, "shared", "x"]
    return {
        "ShopDomain": [
            MINE,
            MINE,
            MINE,
            THEIRS,
            "nowhere.myshopify.com",
            THEIRS.upper(),
            "no domain",
        ],
        "ID": [*gids, *run_ids, *errors],
        "runId": [*run_ids, *errors],
        "ids": [*errors, *run_ids],
        **cursors,
        "after": ["x"],
        "customer.id": [gid for gid in gids if "Customer" in gid],
        "product.id": [gid for gid in gids if "Product" in gid],
        "order.id": [gid for gid in gids if "Order" in gid],
        "OrderFilter.customerId": [gid for gid in gids if "Customer" in gid],
        "OrderFilter.productId": [gid for gid in gids if "Product" in gid],
        "syncRun.id": run_ids,
        "String": [
            *words,
            f"1@{FOREIGN}.example",
            f"#{FOREIGN}1",
            f"{FOREIGN}-1",
            "orders/updated",
        ],
        "search": [*words, MINE, THEIRS, "myshopify"],
        "first": [1, 2, 250],
        "Int": [0, 1, 7, 60],
        "Boolean": [True, False],
        "DateTime": ["2026-11-03T12:00:00Z", "2026-11-05T12:00:00Z"],
        "Date": ["2026-11-01", "2026-11-30"],
        "Decimal": ["10.00", "77.77"],
        "BigInt": [1, 2],
        "Float": [0.5],
        "accessToken": ["shpat_alpha"],
    }


@pytest_asyncio.fixture
async def twins(
    store: Store, mongodb_uri: str, database_name: str, encryption_key: str, tmp_path: Path
) -> AsyncIterator[Twins]:
    mine = await fill(store, MINE)
    theirs = await fill(store, THEIRS)
    now = datetime.now(UTC)
    _, my_token = await store.api_tokens.create(MINE, MERCHANT_SCOPES, now=now)
    _, their_token = await store.api_tokens.create(THEIRS, tuple(ViewerScope), now=now)
    alone = await copy_of(mongodb_uri, database_name, MINE)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop, mongodb_uri, alone)
        clients = []
        for database in (database_name, alone):
            given = settings_of(mongodb_uri, database, encryption_key, tmp_path)
            app = create_app(
                partial(open_engine, given, duty=Duty.NONE),
                operator_token=OPERATOR_TOKEN,
                public_url=given.public_url,
            )
            await stack.enter_async_context(serving(app, listen(given.host, given.port)))
            client = httpx.AsyncClient(base_url=given.public_url, timeout=30)
            clients.append(await stack.enter_async_context(client))
        beside, apart = clients
        yield Twins(
            beside=Caller(beside, my_token),
            alone=Caller(apart, my_token),
            other=Caller(beside, their_token),
            store=store,
            uri=mongodb_uri,
            database=database_name,
            mine=mine,
            theirs=theirs,
            pool=await pool_of(store, Caller(beside, OPERATOR_TOKEN), [mine, theirs]),
        )
