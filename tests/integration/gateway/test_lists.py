"""Every filter and sort of the three lists, against what plain Python makes of the same records."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from sync_engine.model.records import Customer, Order, Product
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import (
    MONDAY,
    OTHER_SHOP,
    SHOP,
    batch,
    commit,
    connected_shop,
    customer,
    line_item,
    order,
    product,
    run_under_way,
    variant,
)
from tests.integration.gateway.conftest import Caller, MakeCaller

DAY = timedelta(days=1)
RANDOM = Random(7)


def moment() -> datetime:
    """Return one of few moments, so that there are ties to break."""
    return MONDAY + DAY * RANDOM.randrange(6)


CUSTOMERS = [
    customer(
        number,
        created_at=moment(),
        updated_at=MONDAY + 10 * DAY,
        email=f"ada{number % 9}@example.com",
        tags=RANDOM.choice(((), ("vip",), ("new", "vip"))),
        country_code=RANDOM.choice(("DE", "JP", None)),
        number_of_orders=RANDOM.randrange(5),
        amount_spent=Decimal(RANDOM.randrange(4) * 10),
    )
    for number in range(1, 41)
]
PRODUCTS = [
    product(
        number,
        created_at=moment(),
        updated_at=MONDAY + 10 * DAY,
        title=RANDOM.choice(("Shirt", "Hat", "Ärmel")),
        status=RANDOM.choice(("ACTIVE", "DRAFT", "ARCHIVED")),
        vendor=RANDOM.choice(("Acme", "Bolt")),
        product_type=RANDOM.choice(("Shirt", "Hat", "")),
        tags=RANDOM.choice(((), ("sale",))),
        variants=(variant(number, sku=f"SKU-{number % 5}"),),
    )
    for number in range(1, 41)
]
ORDERS = [
    order(
        number,
        created_at=moment(),
        updated_at=MONDAY + 10 * DAY,
        customer_id=RANDOM.choice((None, 1, 2)),
        financial_status=RANDOM.choice(("PAID", "REFUNDED", None)),
        fulfillment_status=RANDOM.choice(("FULFILLED", "UNFULFILLED", None)),
        name=f"#{number % 20}",
        tags=RANDOM.choice(((), ("gift",))),
        test=RANDOM.random() < 0.2,
        cancelled_at=RANDOM.choice((None, MONDAY)),
        total_price=Decimal(RANDOM.randrange(4) * 10),
        line_items=(line_item(number, product_id=RANDOM.choice((None, 1, 2))),),
    )
    for number in range(1, 41)
]
RECORDS: dict[Resource, list[Any]] = {
    Resource.CUSTOMERS: list(CUSTOMERS),
    Resource.PRODUCTS: list(PRODUCTS),
    Resource.ORDERS: list(ORDERS),
}


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


BETWEEN = {"from": "2026-11-03T12:00:00Z", "until": "2026-11-05T12:00:00Z"}
FROM, UNTIL = datetime(2026, 11, 3, 12, tzinfo=UTC), datetime(2026, 11, 5, 12, tzinfo=UTC)

Case = tuple[dict[str, Any], Callable[[Any], bool]]
FILTERS: dict[Resource, list[Case]] = {
    Resource.CUSTOMERS: [
        ({"created": BETWEEN}, lambda each: FROM <= each.created_at < UNTIL),
        ({"updated": BETWEEN}, lambda each: FROM <= each.updated_at < UNTIL),
        ({"email": "ada3@example.com"}, lambda each: each.email == "ada3@example.com"),
        ({"tag": "vip"}, lambda each: "vip" in each.tags),
        ({"countryCode": "JP"}, lambda each: each.country_code == "JP"),
        ({"minOrders": 3}, lambda each: each.number_of_orders >= 3),
        ({"tag": "new", "minOrders": 1}, lambda c: "new" in c.tags and c.number_of_orders >= 1),
    ],
    Resource.PRODUCTS: [
        ({"created": BETWEEN}, lambda each: FROM <= each.created_at < UNTIL),
        ({"updated": {"from": BETWEEN["from"]}}, lambda each: each.updated_at >= FROM),
        ({"status": "DRAFT"}, lambda each: each.status == "DRAFT"),
        ({"vendor": "Bolt"}, lambda each: each.vendor == "Bolt"),
        ({"productType": "Hat"}, lambda each: each.product_type == "Hat"),
        ({"tag": "sale"}, lambda each: "sale" in each.tags),
        ({"sku": "SKU-3"}, lambda each: each.variants[0].sku == "SKU-3"),
    ],
    Resource.ORDERS: [
        ({"created": {"until": BETWEEN["until"]}}, lambda each: each.created_at < UNTIL),
        ({"updated": BETWEEN}, lambda each: FROM <= each.updated_at < UNTIL),
        ({"customerId": gid("Customer", 2)}, lambda each: each.customer_id == 2),
        ({"productId": gid("Product", 1)}, lambda each: each.line_items[0].product_id == 1),
        ({"financialStatus": "PAID"}, lambda each: each.financial_status == "PAID"),
        ({"fulfillmentStatus": "FULFILLED"}, lambda e: e.fulfillment_status == "FULFILLED"),
        ({"name": "#3"}, lambda each: each.name == "#3"),
        ({"tag": "gift"}, lambda each: "gift" in each.tags),
        ({"cancelled": True}, lambda each: each.cancelled_at is not None),
        ({"cancelled": False}, lambda each: each.cancelled_at is None),
        ({"test": True}, lambda each: each.test),
        ({"test": False}, lambda each: not each.test),
    ],
}
SORTS: dict[Resource, dict[str, Callable[[Any], Any]]] = {
    Resource.CUSTOMERS: {
        "CREATED_AT": lambda each: each.created_at,
        "UPDATED_AT": lambda each: each.updated_at,
        "AMOUNT_SPENT": lambda each: each.amount_spent,
    },
    Resource.PRODUCTS: {
        "CREATED_AT": lambda each: each.created_at,
        "UPDATED_AT": lambda each: each.updated_at,
        "TITLE": lambda each: each.title,
    },
    Resource.ORDERS: {
        "CREATED_AT": lambda each: each.created_at,
        "UPDATED_AT": lambda each: each.updated_at,
        "TOTAL_PRICE": lambda each: each.total_price,
    },
}


@pytest_asyncio.fixture
async def caller(make_caller: MakeCaller, store: Store) -> AsyncIterator[Caller]:
    """Yield a caller whose shop has all the records; another shop has others of the same ids."""
    for domain in (SHOP, OTHER_SHOP):
        await connected_shop(store, domain)
        run = await run_under_way(store, domain)
        for resource, records in RECORDS.items():
            mine = records if domain == SHOP else records[:5]
            run = await commit(store, run, resource, batch(*mine))
    yield await make_caller(SHOP)


async def pages(caller: Caller, resource: Resource, first: int, **arguments: Any) -> list[int]:
    """Return the numbers of all items, page by page to the end."""
    name = resource.value.title().removesuffix("s")
    query = f"""query($first: Int!, $after: String, $filter: {name}Filter, $sort: {name}Sort!,
                      $reverse: Boolean!) {{
        shop {{ {resource.value.lower()}(
            first: $first, after: $after, filter: $filter, sort: $sort, reverse: $reverse
        ) {{ totalCount nodes {{ legacyResourceId }} edges {{ cursor node {{ id }} }}
             pageInfo {{ hasNextPage endCursor }} }} }} }}"""
    variables = {"sort": "CREATED_AT", "reverse": False, "filter": None} | arguments
    found: list[int] = []
    after = None
    while True:
        answer = await caller.data(query, first=first, after=after, **variables)
        page = answer["shop"][resource.value.lower()]
        found += [node["legacyResourceId"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert len(page["nodes"]) <= first
        assert not page["edges"] or page["edges"][-1]["cursor"] == after
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found


@pytest.mark.parametrize("resource", Resource)
async def test_a_filter_keeps_what_matches_and_nothing_else(
    caller: Caller, resource: Resource
) -> None:
    for given, matches in FILTERS[resource]:
        found = await pages(caller, resource, 7, filter=given)
        expected = {each.id for each in RECORDS[resource] if matches(each)}
        assert set(found) == expected, given
        assert len(found) == len(expected), given


@pytest.mark.parametrize("resource", Resource)
async def test_a_sort_order_holds_over_all_pages_and_ties_are_by_id(
    caller: Caller, resource: Resource
) -> None:
    for sort, value in SORTS[resource].items():
        for reverse in (False, True):
            expected = sorted(
                RECORDS[resource], key=lambda each: (value(each), each.id), reverse=reverse
            )
            found = await pages(caller, resource, 9, sort=sort, reverse=reverse)
            assert found == [each.id for each in expected], (sort, reverse)


async def test_any_page_size_gives_the_same_list(caller: Caller) -> None:
    whole = await pages(caller, Resource.ORDERS, 250, sort="TOTAL_PRICE")
    assert len(set(whole)) == len(ORDERS)
    for first in (1, 2, 13, 39, 40, 41):
        assert await pages(caller, Resource.ORDERS, first, sort="TOTAL_PRICE") == whole


async def test_a_list_that_changes_meanwhile_skips_and_repeats_nothing_else(
    caller: Caller, store: Store
) -> None:
    query = """query($after: String) { shop { orders(first: 10, after: $after, reverse: false) {
        nodes { legacyResourceId } pageInfo { endCursor hasNextPage } } } }"""
    page = (await caller.data(query))["shop"]["orders"]
    found = [node["legacyResourceId"] for node in page["nodes"]]
    early, late = order(900, created_at=MONDAY - DAY), order(901, created_at=MONDAY + 30 * DAY)
    run = await store.shop(SHOP).runs.active()
    assert run is not None
    await commit(store, run, Resource.ORDERS, batch(early, late))
    while page["pageInfo"]["hasNextPage"]:
        page = (await caller.data(query, after=page["pageInfo"]["endCursor"]))["shop"]["orders"]
        found += [node["legacyResourceId"] for node in page["nodes"]]
    assert set(found) == {each.id for each in ORDERS} | {901}
    assert all(left != right for left, right in pairwise(found))
    assert len(found) == len(ORDERS) + 1


def test_the_records_tell_the_filters_apart() -> None:
    kinds: dict[Resource, type] = {
        Resource.CUSTOMERS: Customer,
        Resource.PRODUCTS: Product,
        Resource.ORDERS: Order,
    }
    for resource, cases in FILTERS.items():
        assert all(isinstance(each, kinds[resource]) for each in RECORDS[resource])
        for given, matches in cases:
            kept = sum(matches(each) for each in RECORDS[resource])
            assert kept < len(RECORDS[resource]) or "updated" in given
