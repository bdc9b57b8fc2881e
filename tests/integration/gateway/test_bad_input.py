"""What clients get wrong: each has an error that says what to do, and none is a failure of ours."""

import pytest

from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import SHOP, batch, commit, connected_shop, order, run_under_way
from tests.integration.gateway.conftest import Caller, MakeCaller

LISTS = ["customers", "products", "orders", "syncRuns", "syncErrors"]


@pytest.mark.parametrize("field", LISTS)
async def test_a_page_has_1_to_250_items(make_caller: MakeCaller, store: Store, field: str) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    query = f"query($first: Int!) {{ shop {{ {field}(first: $first) {{ totalCount }} }} }}"
    await caller.data(query, first=250)
    for first in (251, 0, -1):
        (error,) = await caller.errors(query, first=first)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "250" in error["message"]


@pytest.mark.parametrize("field", LISTS)
async def test_a_malformed_cursor_is_refused(
    make_caller: MakeCaller, store: Store, field: str
) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    query = f"query($after: String) {{ shop {{ {field}(after: $after) {{ nodes {{ id }} }} }} }}"
    for cursor in ("", "x", "💥", "eyJ4IjoxfQ==", "A" * 5000):
        (error,) = await caller.errors(query, after=cursor)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "cursor" in error["message"]


async def test_a_cursor_is_good_for_its_own_sort_order_only(
    make_caller: MakeCaller, store: Store
) -> None:
    await connected_shop(store)
    await commit(store, await run_under_way(store), Resource.ORDERS, batch(order(1), order(2)))
    caller = await make_caller(SHOP)
    page = await caller.data("{ shop { orders(first: 1) { pageInfo { endCursor } } } }")
    cursor = page["shop"]["orders"]["pageInfo"]["endCursor"]
    query = """query($after: String) {
        shop { orders(sort: TOTAL_PRICE, after: $after) { nodes { id } } }
    }"""
    assert await caller.code(query, after=cursor) == "BAD_USER_INPUT"


@pytest.mark.parametrize("field", ["customer", "product", "order"])
async def test_an_unknown_id_is_null_and_a_malformed_one_an_error(
    make_caller: MakeCaller, store: Store, field: str
) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    query = f"query($id: ID!) {{ shop {{ {field}(id: $id) {{ id }} }} }}"
    known = f"gid://shopify/{field.title()}/404"
    assert await caller.data(query, id=known) == {"shop": {field: None}}
    for bad in ("404", "gid://shopify/Shop/1", f"gid://shopify/{field.title()}/{2**63}", "\0"):
        assert await caller.code(query, id=bad) == "BAD_USER_INPUT"


async def test_a_shop_domain_that_is_none_is_refused(operator: Caller) -> None:
    query = "query($domain: ShopDomain) { shop(domain: $domain) { domain } }"
    for bad in ("example.com", "x.myshopify.com.evil.com", "x.myshopify.com\n", "http://x"):
        assert await operator.code(query, domain=bad) == "BAD_USER_INPUT"


async def test_what_is_not_graphql_is_refused_without_a_trace(
    make_caller: MakeCaller, store: Store
) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    for query in ("", "{", "{ nonsense }", "query { shop { ...F } } fragment F on Shop { ...F }"):
        response = await caller.post(query)
        assert response.status_code in {200, 400}
        assert "Traceback" not in response.text
        assert response.json()["errors"]
