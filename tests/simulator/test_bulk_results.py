"""Result files: every child once, right counts, the same set in any order, equal to pages."""

from collections import Counter
from typing import Any

import orjson
import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, pages

MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
LINE = f"id title quantity sku originalUnitPriceSet {MONEY} taxLines {{ rate priceSet {MONEY} }}"
ORDER = f"id name updatedAt tags note totalPriceSet {MONEY} customer {{ id }} refunds {{ id note }}"
NESTED = f"""{{ orders {{ edges {{ node {{ {ORDER}
    lineItems {{ edges {{ node {{ {LINE} }} }} }} }} }} }} }}"""
PRODUCTS = (
    """{ products { edges { node { id title variants { edges { node { id sku price } } } } } } }"""
)


def canonical(lines: list[dict[str, Any]]) -> Counter[bytes]:
    return Counter(orjson.dumps(line, option=orjson.OPT_SORT_KEYS) for line in lines)


@pytest.mark.parametrize("order", ["mixed", "grouped", "shuffled", "children_first"])
async def test_every_record_is_there_once_in_any_order(simulate: MakeHarness, order: str) -> None:
    harness = simulate(f"demo:orders=300:seed=9:jsonl={order}")
    lines = await harness.lines(NESTED)
    orders = {line["id"] for line in lines if "__parentId" not in line}
    children = [line for line in lines if "__parentId" in line]
    shop_orders = list(harness.shop.orders())
    assert orders == {f"gid://shopify/Order/{o.id}" for o in shop_orders}
    assert Counter(c["__parentId"] for c in children) == {
        f"gid://shopify/Order/{o.id}": len(o.line_items) for o in shop_orders
    }
    assert len({c["id"] for c in children}) == len(children)


async def test_all_orders_of_lines_hold_the_same_lines(simulate: MakeHarness) -> None:
    harness = simulate(
        *(f"shop-{o.replace('_', '-')}:orders=200:jsonl={o}" for o in
          ("mixed", "grouped", "shuffled", "children_first"))
    )  # fmt: skip
    sets = []
    for domain in list(harness.simulation.shops):
        name = domain.removesuffix(".myshopify.com")
        state = harness.simulation.shops[domain]
        other = Harness([f"{name}:orders=200:jsonl={state.spec.jsonl}"],
                        harness.simulation.graphql.schema, harness.clock)  # fmt: skip
        other.simulation, other.client = harness.simulation, harness.client
        sets.append(canonical(await other.lines(NESTED)))
    assert sets[0] == sets[1] == sets[2] == sets[3]


async def test_mixed_order_strays_in_every_way_that_clients_must_bear(
    simulate: MakeHarness,
) -> None:
    harness = simulate("demo:orders=3000:customers=0:products=5")
    lines = await harness.lines(
        "{ orders { edges { node { id lineItems { edges { node { id } } } } } } }"
    )
    parent_at = {line["id"]: i for i, line in enumerate(lines) if "__parentId" not in line}
    distances = [
        i - parent_at[line["__parentId"]] for i, line in enumerate(lines) if "__parentId" in line
    ]
    near = sum(0 < d < 400 for d in distances) / len(distances)
    assert near > 0.9
    assert any(d < 0 for d in distances), "before their parent"
    assert any(1000 < d < 6000 for d in distances), "thousands of lines later"
    last_parent = max(parent_at.values())
    assert sum("__parentId" in line for line in lines[last_parent + 1 :]) > 5, "at the very end"


async def test_grouped_results_keep_children_behind_their_parent(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=200:jsonl=shuffled")
    parent = None
    for line in await harness.lines(NESTED, grouped=True):
        if "__parentId" in line:
            assert line["__parentId"] == parent
        else:
            parent = line["id"]


async def test_children_of_children_point_at_their_own_parent(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=120:customers=30")
    lines = await harness.lines(
        "{ customers { edges { node { id orders { edges { node { id lineItems { edges { node { id "
        "} } } } } } } } } }"
    )
    by_kind = Counter(line["id"].split("/")[3] for line in lines)
    shop = harness.shop
    owned = [o for o in shop.orders() if o.customer_index is not None]
    assert by_kind == {
        "Customer": 30,
        "Order": len(owned),
        "LineItem": sum(len(o.line_items) for o in owned),
    }
    for line in lines:
        kind, parent = line["id"].split("/")[3], line.get("__parentId", "///-").split("/")[3]
        assert (kind, parent) in {("Customer", "-"), ("Order", "Customer"), ("LineItem", "Order")}


async def test_bulk_lines_equal_graphql_pages(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=90:products=15:seed=8:currency=KWD")
    lines = await harness.lines(NESTED)
    node = f"{ORDER} lineItems(first: 250) {{ nodes {{ {LINE} }} }}"
    paged = await pages(harness, "orders", node, size=9)
    expected = []
    for order in paged:
        children = order.pop("lineItems")["nodes"]
        expected.append(order)
        expected += [{**child, "__parentId": order["id"]} for child in children]
    assert canonical(lines) == canonical(expected)


async def test_products_export_with_their_variants(simulate: MakeHarness) -> None:
    harness = simulate("demo:products=30:seed=2")
    lines = await harness.lines(PRODUCTS)
    products = list(harness.shop.products())
    assert len(lines) == len(products) + sum(len(p.variants) for p in products)
    prices = {line["id"]: line["price"] for line in lines if "__parentId" in line}
    assert prices == {
        f"gid://shopify/ProductVariant/{v.id}": str(v.price.amount)
        for p in products
        for v in p.variants
    }


async def test_a_search_narrows_an_export(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=300")
    since = "2026-06-01T00:00:00Z"
    lines = await harness.lines(
        f"{{ orders(query: \"updated_at:>='{since}'\") {{ edges {{ node {{ id updatedAt }} }} }} }}"
    )
    assert 0 < len(lines) < 300
    assert {line["id"] for line in lines} == {
        f"gid://shopify/Order/{o.id}"
        for o in harness.shop.orders()
        if o.updated_at.isoformat() >= "2026-06-01T00:00:00+00:00"
    }


async def test_a_second_run_takes_the_file_of_the_first(simulate: MakeHarness) -> None:
    harness = simulate()
    first = await harness.run_bulk(NESTED)
    files = list(harness.simulation.config.cache_dir.glob("*.jsonl"))
    assert len(files) == 1
    stamp = files[0].stat().st_mtime_ns
    second = await harness.run_bulk(NESTED)
    assert first["objectCount"] == second["objectCount"]
    assert list(harness.simulation.config.cache_dir.glob("*.jsonl")) == files
    assert files[0].stat().st_mtime_ns == stamp
    assert not list(harness.simulation.config.cache_dir.glob("*.draft"))


async def test_inline_fragments_and_typenames_export(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=30")
    lines = await harness.lines(
        "{ orders { edges { node { __typename id ...more } } } } "
        "fragment more on Order { shippingLine { title } customAttributes { key value } }"
    )
    assert {line["__typename"] for line in lines} == {"Order"}
    assert any(line["shippingLine"] for line in lines)
