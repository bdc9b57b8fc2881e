"""Searches over records, each against the same condition written in Python."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.product import Product
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness

SPEC = "demo:customers=120:products=60:orders=400:seed=12:timezone=Asia/Tokyo"
SINCE = datetime(2026, 6, 1, 10, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


async def found(
    harness: Harness, root: str, query: str, *, version: str = "2026-10"
) -> tuple[set[int], list[dict[str, Any]]]:
    """Ids that a search finds, and the warnings that come with them."""
    ids: set[int] = set()
    after = None
    while True:
        response = await harness.post_graphql(
            f"query ($q: String, $after: String) {{ {root}(first: 250, after: $after, query: $q)"
            " { nodes { legacyResourceId } pageInfo { hasNextPage endCursor } } }",
            {"q": query, "after": after},
            version=version,
        )
        body = response.json()
        assert "errors" not in body, body
        connection = body["data"][root]
        ids |= {int(node["legacyResourceId"]) for node in connection["nodes"]}
        after = connection["pageInfo"]["endCursor"]
        if not connection["pageInfo"]["hasNextPage"]:
            return ids, body["extensions"].get("search", [])


def local_day(moment: datetime) -> str:
    return moment.astimezone(TOKYO).date().isoformat()


ORDERS: dict[str, Callable[[Order], bool]] = {
    "": lambda _: True,
    "updated_at:>='2026-06-01T10:00:00Z'": lambda o: o.updated_at >= SINCE,
    "updated_at:<'2026-06-01T10:00:00Z'": lambda o: o.updated_at < SINCE,
    "updated_at:>='2026-06-01T19:00:00+09:00'": lambda o: o.updated_at >= SINCE,
    "updated_at:>=2026-06-01T10:00:00Z": lambda o: local_day(o.updated_at) >= "2026-06-01",
    "updated_at:>='2026-05-01T00:00:00Z' AND updated_at:<'2026-06-01T00:00:00Z'": lambda o: (
        (o.updated_at.year, o.updated_at.month) == (2026, 5)
    ),
    "created_at:2026-06-01": lambda o: local_day(o.created_at) == "2026-06-01",
    "created_at:>=2026-06 created_at:<2026-08": lambda o: (
        "2026-06" <= local_day(o.created_at)[:7] < "2026-08"
    ),
    "processed_at:<='2026-06-01T10:00:00Z'": lambda o: o.processed_at <= SINCE,
    "status:open": lambda o: o.closed_at is None and o.cancelled_at is None,
    "status:cancelled": lambda o: o.cancelled_at is not None,
    "status:closed,cancelled": lambda o: o.closed_at is not None,
    "financial_status:paid": lambda o: o.financial_status == "PAID",
    "financial_status:paid,refunded": lambda o: o.financial_status in {"PAID", "REFUNDED"},
    "financial_status:unpaid": lambda o: (
        o.financial_status in {"PENDING", "AUTHORIZED", "EXPIRED", "PARTIALLY_PAID"}
    ),
    "-financial_status:paid": lambda o: o.financial_status != "PAID",
    "fulfillment_status:shipped": lambda o: o.fulfillment_status == "FULFILLED",
    "test:true": lambda o: o.is_test,
    "test:false tag:gift": lambda o: not o.is_test and "gift" in o.tags,
    'tag:"it\'s late"': lambda o: "it's late" in o.tags,
    "tag_not:gift": lambda o: "gift" not in o.tags,
    "tag:GIFT OR tag:⭐": lambda o: bool({"gift", "⭐"} & set(o.tags)),
    "name:#1005": lambda o: o.number == 1005,
    "name:101*": lambda o: str(o.number).startswith("101"),
    "source_name:pos": lambda o: o.source_name == "pos",
    "discount_code:FREESHIP": lambda o: "FREESHIP" in o.discount_codes,
    "current_total_price:>500": lambda o: o.totals.current_total.shop > 500,
    "(status:open OR test:true) -source_name:web": lambda o: (
        ((o.closed_at is None and o.cancelled_at is None) or o.is_test) and o.source_name != "web"
    ),
    "#1010": lambda o: o.number == 1010,
}


@pytest.mark.parametrize("query", ORDERS)
async def test_orders_are_found(simulate: MakeHarness, query: str) -> None:
    harness = simulate(SPEC)
    expected = {order.id for order in harness.shop.orders() if ORDERS[query](order)}
    ids, notes = await found(harness, "orders", query)
    assert ids == expected
    assert notes == []


CUSTOMERS: dict[str, Callable[[Customer], bool]] = {
    "country:DE": lambda c: (
        c.default_address is not None and c.default_address.country_code == "DE"
    ),
    "country:Germany": lambda c: (
        c.default_address is not None and c.default_address.country == "Germany"
    ),
    "state:ENABLED": lambda c: c.state == "ENABLED",
    "orders_count:>3": lambda c: c.number_of_orders > 3,
    "total_spent:0": lambda c: c.amount_spent.minor == 0,
    "customer_date:>='2026-06-01T10:00:00Z'": lambda c: c.created_at >= SINCE,
    "first_name:mary": lambda c: "mary" in (c.first_name or "").casefold().split(),
    'last_name:"O\'Brien"': lambda c: c.last_name == "O'Brien",
    "email:*": lambda c: c.email is not None,
    # whole days, both ends included, whatever the time of day
    "updated_at:>='2026-06-01T10:00:00Z'": lambda c: local_day(c.updated_at) >= "2026-06-01",
    "updated_at:>'2026-06-01T10:00:00Z'": lambda c: local_day(c.updated_at) >= "2026-06-01",
    "updated_at:<'2026-06-01T10:00:00Z'": lambda c: local_day(c.updated_at) <= "2026-06-01",
    "updated_at:'2026-06-01T20:00:00Z'": lambda c: local_day(c.updated_at) == "2026-06-02",
}


@pytest.mark.parametrize("query", CUSTOMERS)
async def test_customers_are_found(simulate: MakeHarness, query: str) -> None:
    harness = simulate(SPEC)
    expected = {c.id for c in harness.shop.customers() if CUSTOMERS[query](c)}
    assert (await found(harness, "customers", query))[0] == expected


PRODUCTS: dict[str, Callable[[Product], bool]] = {
    "status:active": lambda p: p.status == "ACTIVE",
    "status:active,draft,archived,unlisted": lambda _: True,
    "-status:active": lambda p: p.status != "ACTIVE",
    "vendor:Snowdevil": lambda p: p.vendor == "Snowdevil",
    "title:mug": lambda p: "mug" in p.title.casefold().split(),
    "tag:été": lambda p: "été" in p.tags,
    "updated_at:>='2026-06-01T10:00:00Z'": lambda p: p.updated_at >= SINCE,
    "published_at:<'2026-06-01T10:00:00Z'": lambda p: (
        p.published_at is not None and p.published_at < SINCE
    ),
    "inventory_total:<0": lambda p: p.total_inventory < 0,
    "gift_card:true": lambda p: p.is_gift_card,
}


@pytest.mark.parametrize("query", PRODUCTS)
async def test_products_are_found(simulate: MakeHarness, query: str) -> None:
    harness = simulate(SPEC)
    expected = {p.id for p in harness.shop.products() if PRODUCTS[query](p)}
    assert (await found(harness, "products", query))[0] == expected


async def test_variants_are_found(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    product = harness.shop.product(3)
    ids, _ = await found(harness, "productVariants", f"product_id:{product.id}")
    assert ids == {variant.id for variant in product.variants}
    ids, _ = await found(harness, "productVariants", "inventory_quantity:<0")
    assert ids == {
        v.id for p in harness.shop.products() for v in p.variants if v.inventory_quantity < 0
    }


async def test_ids_can_be_searched_as_ranges(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    middle = harness.shop.order(200).id
    assert (await found(harness, "orders", f"id:{middle}"))[0] == {middle}
    assert len((await found(harness, "orders", f"id:>={middle}"))[0]) == 200
    assert len((await found(harness, "orders", f"id:>{middle}"))[0]) == 199


async def test_after_a_second_means_after_all_of_it_from_2026_10_on(
    simulate: MakeHarness,
) -> None:
    harness = simulate(SPEC)
    order = harness.shop.order(250)
    query = f"created_at:>'{order.created_at.strftime('%Y-%m-%dT%H:%M:%SZ')}'"
    new, _ = await found(harness, "orders", query)
    old, _ = await found(harness, "orders", query, version="2026-07")
    assert order.id not in new
    assert old == new | {order.id}


@pytest.mark.parametrize(
    ("root", "query", "warning"),
    [
        ("orders", "colour:red", ("colour", "invalid_field")),
        ("orders", "updatedat:>'2026-06-01T10:00:00Z'", ("updatedat", "invalid_field")),
        ("customers", "created_at:>'2026-06-01T10:00:00Z'", ("created_at", "invalid_field")),
        ("orders", "financial_status:payed", ("financial_status", "invalid_value")),
        ("orders", "updated_at:yesterday", ("updated_at", "invalid_value")),
        ("products", "inventory_total:many", ("inventory_total", "invalid_value")),
    ],
)
async def test_a_mistake_finds_everything_and_says_so(
    simulate: MakeHarness, root: str, query: str, warning: tuple[str, str]
) -> None:
    harness = simulate(SPEC)
    everything, _ = await found(harness, root, "")
    ids, notes = await found(harness, root, query)
    assert ids == everything
    assert len(notes) == 1
    assert (notes[0]["path"], notes[0]["query"]) == ([root], query)
    assert (notes[0]["warnings"][0]["field"], notes[0]["warnings"][0]["code"]) == warning


async def test_a_mistake_is_dropped_and_the_rest_still_counts(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    ids, notes = await found(harness, "orders", "tag:gift AND colour:red")
    assert ids == {o.id for o in harness.shop.orders() if "gift" in o.tags}
    assert notes[0]["parsed"] == {
        "and": [
            {"field": "tag", "match_all": "gift"},
            {"field": "colour", "match_all": "red"},
        ]
    }


async def test_counting_customers_knows_fewer_fields(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    exact = sum(c.updated_at >= SINCE for c in harness.shop.customers())
    body = await harness.graphql(
        """{ exact: customersCount(query: "updated_at:>='2026-06-01T10:00:00Z'") { count }
        all: customersCount(query: "country:DE") { count } }"""
    )
    assert body["data"]["exact"]["count"] == exact
    assert body["data"]["all"]["count"] == 120
    assert body["extensions"]["search"][0]["warnings"][0]["field"] == "country"


async def test_searching_now_moves_with_the_clock(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=50:end=2026-12-30")
    first, _ = await found(harness, "orders", "created_at:<now")
    harness.clock.advance(timedelta(days=60).total_seconds())
    assert len(first) < len((await found(harness, "orders", "created_at:<now"))[0]) == 50
