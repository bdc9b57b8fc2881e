"""MongoDB's operators, and what else means something to a database, in every argument there is.

They are values like any other: refused where they are none of the right kind, else looked for word
by word, and found nowhere.
"""

import asyncio
from typing import Any

from gateway.graphql.schema import build_schema
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import (
    SHOP,
    batch,
    commit,
    connected_shop,
    customer,
    order,
    product,
    run_under_way,
)
from tests.integration.gateway.attacks.arguments import Leaf, every_leaf
from tests.integration.gateway.conftest import Caller, MakeCaller

VALUES: list[Any] = [
    {"$ne": None},
    {"$where": "sleep(1000)"},
    '{"$ne": null}',
    ".*",
    "a\0b",
    "'; return true; //",
]
EXPECTED = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "GRAPHQL_VALIDATION_FAILED",
    "NOT_FOUND",
}
NUMBER = 987_654_321


def test_the_walk_finds_the_arguments() -> None:
    names = {leaf.name for leaf in every_leaf(build_schema()._schema)}  # noqa: SLF001
    for known in (
        "Query.shop(domain.)",
        "Query.shops(filter.search)",
        "Shop.orders(filter.tag)",
        "Shop.order(id.)",
        "Customer.orders(after.)",
        "Mutation.retrySyncErrors(input.ids.0)",
        "Subscription.syncProgress(runId.)",
    ):
        assert known in names
    assert len(names) > 60


async def attack(caller: Caller, leaf: Leaf) -> None:
    for value in VALUES:
        response = await caller.http.post(
            "/graphql",
            json={"query": leaf.query, "variables": leaf.variables(value)},
            headers={
                "Authorization": f"Bearer {caller.token}",
                "Accept": "application/json, text/event-stream",
            },
        )
        told = f"{leaf.name} = {value!r}: {response.text}"
        assert response.status_code in {200, 400}, told
        assert str(NUMBER) not in response.text, told
        if response.headers["content-type"].startswith("text/event-stream"):
            assert '"code":"' in response.text, told
            continue
        codes = {each["extensions"]["code"] for each in response.json().get("errors", [])}
        assert codes <= EXPECTED, told


async def test_operators_are_values_like_any_other(make_caller: MakeCaller, store: Store) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    await commit(store, run, Resource.CUSTOMERS, batch(customer(NUMBER)))
    await commit(store, run, Resource.PRODUCTS, batch(product(NUMBER)))
    await commit(store, run, Resource.ORDERS, batch(order(NUMBER, customer_id=NUMBER)))
    caller = await make_caller(SHOP)
    everything = await caller.post("{ shop { orders { nodes { id } } } }")
    assert str(NUMBER) in everything.text
    leaves = list(every_leaf(build_schema()._schema))  # noqa: SLF001
    async with asyncio.TaskGroup() as group:
        for lane in range(8):
            group.create_task(attack_all(caller, leaves[lane::8]))


async def attack_all(caller: Caller, leaves: list[Leaf]) -> None:
    for leaf in leaves:
        await attack(caller, leaf)
