"""How the API reads: by an index, always, and in few commands however much is asked at once."""

from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import (
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
from tests.integration.gateway.profiled import profiled_reads

NESTED = """query($first: Int!) { shop { orders(first: $first) { nodes {
    name
    customer { displayName amountSpent { amount } }
    lineItems { title product { title variants { sku } } }
    refunds { id }
} } } }"""
FILTERS = {
    "customers": (
        "",
        'filter: {created: {from: "2026-01-01T00:00:00Z"}}',
        'filter: {updated: {from: "2026-01-01T00:00:00Z"}}',
        'filter: {email: "ada1@example.com"}',
        'filter: {tag: "vip"}',
        'filter: {countryCode: "DE"}',
        "filter: {minOrders: 1}",
        "sort: UPDATED_AT",
        "sort: AMOUNT_SPENT",
    ),
    "products": (
        'filter: {status: "ACTIVE"}',
        'filter: {vendor: "Acme"}',
        'filter: {productType: "Shirt"}',
        'filter: {tag: "sale"}',
        'filter: {sku: "SKU-1"}',
        "sort: UPDATED_AT",
        "sort: TITLE",
    ),
    "orders": (
        'filter: {customerId: "gid://shopify/Customer/1"}',
        'filter: {productId: "gid://shopify/Product/1"}',
        'filter: {financialStatus: "PAID"}',
        'filter: {fulfillmentStatus: "FULFILLED"}',
        'filter: {name: "#1"}',
        'filter: {tag: "gift"}',
        "filter: {cancelled: true}",
        "filter: {test: true}",
        "sort: UPDATED_AT",
        "sort: TOTAL_PRICE",
    ),
}


async def shop_of_records(store: Store, count: int) -> None:
    """Connect a shop with as many orders, each of another customer and product."""
    await connected_shop(store)
    run = await run_under_way(store)
    numbers = range(1, count + 1)
    for resource, records in (
        (Resource.CUSTOMERS, [customer(number) for number in numbers]),
        (Resource.PRODUCTS, [product(number, variants=(variant(number),)) for number in numbers]),
        (
            Resource.ORDERS,
            [
                order(
                    number,
                    customer_id=number,
                    line_items=(
                        line_item(2 * number, product_id=number),
                        line_item(2 * number + 1, product_id=count + 1 - number),
                    ),
                )
                for number in numbers
            ],
        ),
    ):
        run = await commit(store, run, resource, batch(*records))


async def test_nested_records_are_read_together(
    make_caller: MakeCaller, store: Store, mongodb_uri: str, database_name: str
) -> None:
    await shop_of_records(store, 60)
    caller = await make_caller(SHOP)
    for first in (5, 50):
        async with profiled_reads(mongodb_uri, database_name) as reads:
            answer = await caller.data(NESTED, first=first)
        nodes = answer["shop"]["orders"]["nodes"]
        assert len(nodes) == first
        assert all(node["customer"] and node["lineItems"][1]["product"] for node in nodes)
        read = sorted(entry["ns"].rpartition(".")[2] for entry in reads)
        assert read == ["customers", "orders", "products"], f"{first} orders"


async def test_every_filter_and_sort_has_an_index(
    make_caller: MakeCaller, store: Store, mongodb_uri: str, database_name: str
) -> None:
    await shop_of_records(store, 60)
    caller = await make_caller(SHOP)
    for name, cases in FILTERS.items():
        for case in cases:
            arguments = f"(first: 3, {case})" if case else "(first: 3)"
            query = f"{{ shop {{ {name}{arguments} {{ totalCount nodes {{ id }} }} }} }}"
            async with profiled_reads(mongodb_uri, database_name) as reads:
                await caller.data(query)
            assert len(reads) == 2, case
            for entry in reads:
                assert "IXSCAN" in entry["planSummary"] or "COUNT_SCAN" in entry["planSummary"]
                assert "shop_id: 1" in entry["planSummary"], case
                assert not (entry.get("hasSortStage") and "sort:" in case), case


async def test_looking_for_one_record_reads_one(
    operator: Caller, store: Store, mongodb_uri: str, database_name: str
) -> None:
    await shop_of_records(store, 10)
    query = "query($shop: ShopDomain, $id: ID!) { shop(domain: $shop) { order(id: $id) { name } } }"
    async with profiled_reads(mongodb_uri, database_name) as reads:
        found = await operator.data(query, shop=SHOP, id="gid://shopify/Order/7")
    assert found == {"shop": {"order": {"name": "#7"}}}
    (entry,) = reads
    assert entry["docsExamined"] == 1
