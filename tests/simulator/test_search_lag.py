"""Searches are late when they are told to be; reading by id never is."""

from typing import Any

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness
from tests.simulator.test_edits import SPEC, edit, rest

SINCE = "2026-11-24T12:00:00Z"


async def lagging(simulate: MakeHarness, seconds: float = 10) -> Harness:
    harness = simulate(SPEC)
    await harness.control("POST", "shops/demo", {"search_lag_seconds": seconds})
    return harness


async def found(harness: Harness, query: str = f"updated_at:>='{SINCE}'") -> list[str]:
    data = await harness.data(
        "query ($q: String!) { orders(first: 250, sortKey: UPDATED_AT, query: $q) "
        "{ nodes { legacyResourceId } } }",
        q=query,
    )
    return [node["legacyResourceId"] for node in data["orders"]["nodes"]]


async def found_by_rest(harness: Harness) -> list[str]:
    shown = await rest(harness, f"orders.json?status=any&updated_at_min={SINCE}&order=updated_at")
    return [str(order["id"]) for order in shown.json()["orders"]]


async def advance(harness: Harness, seconds: float) -> None:
    await harness.control("POST", "clock", {"advance_seconds": seconds})


async def test_changes_are_found_only_after_the_lag(simulate: MakeHarness) -> None:
    harness = await lagging(simulate)
    order = harness.shop.order(3)
    change = {"op": "update", "resource": "order", "id": order.id, "set": {"note": "new"}}
    await edit(harness, change)
    gid = f"gid://shopify/Order/{order.id}"
    node = await harness.data("query ($id: ID!) { order(id: $id) { note updatedAt } }", id=gid)
    assert node["order"] == {"note": "new", "updatedAt": SINCE}
    shown = (await rest(harness, f"orders/{order.id}.json")).json()["order"]
    assert shown["note"] == "new"
    assert await found(harness) == await found_by_rest(harness) == []
    await advance(harness, 9)
    assert await found(harness) == await found_by_rest(harness) == []
    await advance(harness, 1)
    assert await found(harness) == await found_by_rest(harness) == [str(order.id)]


async def test_a_changed_record_stays_meanwhile_where_it_was(simulate: MakeHarness) -> None:
    harness = await lagging(simulate)
    everything = "created_at:>'2000-01-01'"
    before = await found(harness, everything)
    await edit(harness, {"op": "touch", "resource": "order", "id": int(before[5])})
    assert await found(harness, everything) == before
    await advance(harness, 10)
    assert await found(harness, everything) == [*before[:5], *before[6:], before[5]]


async def test_a_new_record_is_in_no_search_but_can_be_read(simulate: MakeHarness) -> None:
    harness = await lagging(simulate)
    (made,) = await edit(harness, {"op": "create", "resource": "order"})
    id_ = made["ids"][0]
    await edit(harness, {"op": "touch", "resource": "order", "id": id_})
    gid = f"gid://shopify/Order/{id_}"
    assert (await harness.data("query ($id: ID!) { node(id: $id) { id } }", id=gid))["node"]
    assert str(id_) not in await found(harness, "test:false")
    assert await found_by_rest(harness) == []
    lines = await harness.lines(
        f"{{ orders(query: \"updated_at:>='{SINCE}'\") {{ edges {{ node {{ id }} }} }} }}"
    )
    assert lines == []
    await advance(harness, 10)
    assert await found(harness, "test:false OR test:true") != []
    assert await found_by_rest(harness) == [str(id_)]


async def test_without_a_lag_searches_see_at_once(simulate: MakeHarness) -> None:
    harness = await lagging(simulate, 0)
    (made,) = await edit(harness, {"op": "create", "resource": "order"})
    assert await found(harness) == [str(made["ids"][0])]


@pytest.mark.parametrize("after", [20, 40])
async def test_deep_paging_is_refused_where_there_is_a_limit(
    simulate: MakeHarness, after: int
) -> None:
    harness = simulate(SPEC)
    await harness.control("POST", "shops/demo", {"paging_limit": 30})
    query = """query ($n: Int!, $after: String) { orders(first: $n, after: $after) {
        nodes { id } pageInfo { endCursor } } }"""
    await harness.control("POST", "shops/demo", {"paging_limit": None})
    page = (await harness.data(query, n=after))["orders"]
    await harness.control("POST", "shops/demo", {"paging_limit": 30})
    body: dict[str, Any] = await harness.graphql(query, n=5, after=page["pageInfo"]["endCursor"])
    if after < 30:
        assert len(body["data"]["orders"]["nodes"]) == 5
    else:
        assert "30 objects" in body["errors"][0]["message"]
