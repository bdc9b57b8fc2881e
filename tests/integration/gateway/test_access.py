"""Who may ask what: nobody without a credential, each shop its own, by scope."""

from datetime import UTC, datetime

import pytest

from sync_engine.model.access import ViewerScope
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import (
    OTHER_SHOP,
    SHOP,
    batch,
    commit,
    connected_shop,
    order,
    run_under_way,
)
from tests.integration.gateway.conftest import Caller, MakeCaller
from tests.waiting import until

VIEWER = "{ viewer { kind scopes shop { domain } } }"
ORDER = "query($id: ID!) { shop { order(id: $id) { name } } }"
ORDERS = "{ shop { orders { totalCount nodes { name } } } }"
SHOP_BY_DOMAIN = "query($domain: ShopDomain) { shop(domain: $domain) { domain } }"
START = "mutation($shop: ShopDomain) { startSync(input: {shop: $shop}) { userErrors { code } } }"


async def test_without_a_credential_nothing_answers(nobody: Caller) -> None:
    response = await nobody.post(VIEWER)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("token", [" of-no-use", " echo_01_guess", "", " é"])
async def test_a_token_of_no_use_is_as_good_as_none(nobody: Caller, token: str) -> None:
    header = f"Bearer{token}".encode()
    response = await nobody.http.post(
        "/graphql", json={"query": VIEWER}, headers={b"Authorization": header}
    )
    assert response.status_code == 401
    assert "data" not in response.json()


async def test_a_token_revoked_elsewhere_is_refused(make_caller: MakeCaller, store: Store) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    assert (await caller.data(VIEWER))["viewer"]["shop"] == {"domain": SHOP}
    (token,) = await store.api_tokens.list(SHOP)
    await store.api_tokens.revoke(token.id, now=datetime.now(UTC))

    async def is_refused() -> bool:
        return (await caller.post(VIEWER)).status_code == 401

    await until(is_refused, within_seconds=4)  # sooner than it would be forgotten by itself


async def test_a_shop_sees_itself_and_no_other(make_caller: MakeCaller, store: Store) -> None:
    await connected_shop(store, SHOP)
    await connected_shop(store, OTHER_SHOP)
    run = await run_under_way(store, OTHER_SHOP)
    await commit(store, run, Resource.ORDERS, batch(order(7)))
    caller = await make_caller(SHOP)
    assert await caller.data(SHOP_BY_DOMAIN, domain=OTHER_SHOP) == {"shop": None}
    assert await caller.data(SHOP_BY_DOMAIN, domain="nowhere.myshopify.com") == {"shop": None}
    assert await caller.data(ORDER, id="gid://shopify/Order/7") == {"shop": {"order": None}}
    assert await caller.data(ORDERS) == {"shop": {"orders": {"totalCount": 0, "nodes": []}}}
    assert await caller.data("query($id: ID!) { syncRun(id: $id) { id } }", id=run.id) == {
        "syncRun": None
    }
    shops = await caller.data("{ shops { totalCount nodes { domain } } }")
    assert shops == {"shops": {"totalCount": 1, "nodes": [{"domain": SHOP}]}}
    refused = await caller.data(START, shop=OTHER_SHOP)
    assert refused["startSync"]["userErrors"] == [{"code": "NOT_FOUND"}]


async def test_the_operator_sees_all_shops(operator: Caller, store: Store) -> None:
    await connected_shop(store, SHOP)
    await connected_shop(store, OTHER_SHOP)
    assert (await operator.data(VIEWER))["viewer"]["kind"] == "OPERATOR"
    found = await operator.data("{ shops { nodes { domain } } }")
    assert [node["domain"] for node in found["shops"]["nodes"]] == [SHOP, OTHER_SHOP]


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        (ORDERS, ViewerScope.READ_DATA),
        ("{ shop { sync { lastSucceededAt } } }", ViewerScope.READ_SYNC),
        ("{ shop { syncRuns { totalCount } } }", ViewerScope.READ_SYNC),
        ("{ shop { syncErrors { totalCount } } }", ViewerScope.READ_SYNC),
    ],
)
async def test_a_field_needs_its_scope(
    make_caller: MakeCaller, store: Store, query: str, scope: ViewerScope
) -> None:
    await connected_shop(store)
    others = [each for each in ViewerScope if each is not scope]
    without = await make_caller(SHOP, *others)
    (error,) = await without.errors(query)
    assert error["extensions"] == {"code": "FORBIDDEN", "scope": scope.value}
    await (await make_caller(SHOP, scope)).data(query)


async def test_a_mutation_without_its_scope_is_a_user_error(
    make_caller: MakeCaller, store: Store
) -> None:
    await connected_shop(store)
    reader = await make_caller(SHOP, ViewerScope.READ_DATA, ViewerScope.READ_SYNC)
    refused = await reader.data(START)
    assert refused["startSync"]["userErrors"] == [{"code": "FORBIDDEN"}]
    assert await store.shop(SHOP).runs.latest() is None


async def test_only_the_operator_connects_shops(make_caller: MakeCaller, store: Store) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    refused = await caller.data(
        'mutation { connectShop(input: {domain: "x.myshopify.com", accessToken: "shpat_1"}) '
        "{ shop { domain } userErrors { code } } }"
    )
    assert refused["connectShop"] == {"shop": None, "userErrors": [{"code": "FORBIDDEN"}]}
