import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, ManualClock

SPEC = "demo:customers=40:products=25:orders=130:seed=21:plan=plus"


async def get(harness: Harness, path: str, **query: str) -> httpx.Response:
    return await harness.client.get(
        f"/{harness.domain}/admin/api/2026-10/{path}", params=query, headers=harness.headers
    )


async def listed(harness: Harness, resource: str, **query: str) -> list[dict[str, Any]]:
    response = await get(harness, f"{resource}.json", **query)
    assert response.status_code == 200, response.text
    records = response.json()[resource]
    assert isinstance(records, list)
    return records


def links(response: httpx.Response) -> dict[str, str]:
    header = response.headers.get("link", "")
    return {name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', header)}


@pytest.mark.parametrize("resource", ["customers", "products", "orders"])
async def test_since_id_walks_through_all_records_by_id(
    simulate: MakeHarness, resource: str
) -> None:
    harness = simulate(SPEC)
    query = {"status": "any"} if resource == "orders" else {}
    ids: list[int] = []
    while page := await listed(
        harness, resource, since_id=str(ids[-1] if ids else 0), limit="9", **query
    ):
        ids += [record["id"] for record in page]
    assert ids == [record.id for record in getattr(harness.shop, resource)()]


@pytest.mark.parametrize("resource", ["customers", "products", "orders"])
async def test_links_lead_through_all_records_and_back(
    simulate: MakeHarness, resource: str
) -> None:
    harness = simulate(SPEC)
    query = {"status": "any"} if resource == "orders" else {}
    response = await get(harness, f"{resource}.json", limit="8", **query)
    forwards = [response.json()[resource]]
    assert "previous" not in links(response)
    while url := links(response).get("next"):
        response = await harness.client.get(url, headers=harness.headers)
        forwards.append(response.json()[resource])
    ids = [record["id"] for page in forwards for record in page]
    records = list(getattr(harness.shop, resource)())
    assert ids == [record.id for record in reversed(records)]
    backwards = [forwards[-1]]
    while url := links(response).get("previous"):
        response = await harness.client.get(url, headers=harness.headers)
        backwards.append(response.json()[resource])
    assert backwards == forwards[::-1]


async def test_page_info_takes_no_filters(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    response = await get(harness, "orders.json", limit="5", status="any")
    url = links(response)["next"]
    refused = await harness.client.get(f"{url}&updated_at_min=2026-01-01", headers=harness.headers)
    assert refused.status_code == 400
    assert refused.json() == {
        "errors": {
            "updated_at_min": "updated_at_min cannot be passed when page_info is present. See "
            "https://shopify.dev/api/usage/pagination-rest for more information."
        }
    }
    some = await harness.client.get(f"{url}&fields=id,name", headers=harness.headers)
    assert all(set(order) == {"id", "name"} for order in some.json()["orders"])
    assert (await get(harness, "orders.json", page_info="nonsense")).status_code == 400


async def test_limits(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=300:plan=plus")
    assert len(await listed(harness, "orders", status="any")) == 50
    assert len(await listed(harness, "orders", status="any", limit="250")) == 250
    assert len(await listed(harness, "orders", status="any", limit="999")) == 250
    for limit in ("0", "many", "-1"):
        response = await get(harness, "orders.json", limit=limit)
        assert (response.status_code, list(response.json()["errors"])) == (400, ["limit"])


FILTERS: dict[str, tuple[dict[str, str], Callable[[Any], bool]]] = {
    "open by default": ({}, lambda o: o.closed_at is None and o.cancelled_at is None),
    "closed": ({"status": "closed"}, lambda o: o.closed_at is not None and not o.cancelled_at),
    "cancelled": ({"status": "cancelled"}, lambda o: o.cancelled_at is not None),
    "paid": (
        {"status": "any", "financial_status": "paid"},
        lambda o: o.financial_status == "PAID",
    ),
    "unpaid": (
        {"status": "any", "financial_status": "unpaid"},
        lambda o: o.financial_status in {"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED"},
    ),
    "shipped": (
        {"status": "any", "fulfillment_status": "shipped"},
        lambda o: o.fulfillment_status == "FULFILLED",
    ),
    "updated": (
        {"status": "any", "updated_at_min": "2026-06-01T00:00:00Z"},
        lambda o: o.updated_at.isoformat() >= "2026-06-01",
    ),
    "created between": (
        {
            "status": "any",
            "created_at_min": "2026-03-01T00:00:00+00:00",
            "created_at_max": "2026-06-01T00:00:00Z",
        },
        lambda o: "2026-03-01" <= o.created_at.isoformat() < "2026-06-01",
    ),
    "processed": (
        {"status": "any", "processed_at_max": "2025-06-01T00:00:00Z"},
        lambda o: o.processed_at.isoformat() < "2025-06-01",
    ),
    "by name": ({"status": "any", "name": "#1007"}, lambda o: o.number == 1007),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_orders_are_filtered_and_counted(simulate: MakeHarness, name: str) -> None:
    harness = simulate(SPEC)
    query, fits = FILTERS[name]
    expected = [order.id for order in harness.shop.orders() if fits(order)]
    found = await listed(harness, "orders", limit="250", **query)
    assert sorted(order["id"] for order in found) == expected
    count = await get(harness, "orders/count.json", **query)
    assert count.json() == {"count": len(expected)}


async def test_records_by_id_and_by_ids(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    shop = harness.shop
    one = (await get(harness, f"customers/{shop.customer(3).id}.json")).json()["customer"]
    assert one["id"] == shop.customer(3).id
    assert (await get(harness, "customers/17.json")).status_code == 404
    wanted = {shop.product(1).id, shop.product(4).id}
    some = await listed(harness, "products", ids=",".join(map(str, wanted)))
    assert {product["id"] for product in some} == wanted


async def test_order_sorts(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    found: list[dict[str, Any]] = []
    response = await get(harness, "orders.json", limit="50", status="any", order="updated_at asc")
    while True:
        found += response.json()["orders"]
        url = links(response).get("next")
        if url is None:
            break
        response = await harness.client.get(url, headers=harness.headers)
    assert len({order["id"] for order in found}) == 130
    assert [o["id"] for o in found] == [
        o.id for o in sorted(harness.shop.orders(), key=lambda o: (o.updated_at, o.index))
    ]


async def test_the_bucket_leaks_and_refuses(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate("demo:orders=1")
    for call in range(40):
        response = await get(harness, "orders/count.json")
        assert response.headers["x-shopify-shop-api-call-limit"] == f"{call + 1}/40"
    refused = await get(harness, "orders/count.json")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "0.5"
    assert refused.json()["errors"].startswith("Exceeded 2 calls per second for api client.")
    clock.advance(0.6)
    assert (await get(harness, "orders/count.json")).status_code == 200
    counters = (await harness.control("GET", "counters"))["demo.myshopify.com"]["rest"]
    assert (counters["requests"], counters["throttled"]) == (42, 1)


async def test_access_is_by_scope_and_age(simulate: MakeHarness) -> None:
    harness = simulate("demo:scopes=read_orders:orders=400:end=2026-11-20")
    denied = await get(harness, "customers.json")
    assert denied.status_code == 403
    assert "read_customers" in denied.json()["errors"]
    recent = await listed(harness, "orders", status="any", limit="250")
    assert 0 < len(recent) < 250
    old = harness.shop.order(0).id
    assert (await get(harness, f"orders/{old}.json")).status_code == 404


async def test_rest_can_be_retired(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    await harness.control("POST", "shops/demo", {"is_rest_retired": True})
    assert (await get(harness, "orders.json")).status_code == 403
    assert (await harness.post_graphql("{ shop { id } }")).status_code == 200


async def test_headers_tell_version_and_deprecation(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    orders = await get(harness, "orders.json")
    assert orders.headers["x-shopify-api-version"] == "2026-10"
    assert "x-shopify-api-deprecated-reason" not in orders.headers
    products = await get(harness, "products.json")
    assert "x-shopify-api-deprecated-reason" in products.headers
    assert (await get(harness, "pages.json")).status_code == 404


async def test_products_show_a_hundred_variants_at_most(simulate: MakeHarness) -> None:
    harness = simulate("demo:products=300:seed=3")
    big = next(p for p in harness.shop.products() if len(p.variants) > 100)
    shown = (await get(harness, f"products/{big.id}.json")).json()["product"]
    assert len(shown["variants"]) == 100


async def test_the_shop_describes_itself(simulate: MakeHarness) -> None:
    harness = simulate("demo:timezone=Europe/Berlin:currency=EUR:country=DE:taxes_included=true")
    shop = (await get(harness, "shop.json")).json()["shop"]
    assert shop["myshopify_domain"] == "demo.myshopify.com"
    assert (shop["currency"], shop["iana_timezone"]) == ("EUR", "Europe/Berlin")
    assert shop["timezone"] == "(GMT+01:00) Europe/Berlin"
    assert shop["taxes_included"] is True
