"""How fast the simulator makes and serves data: `python -m bench.simulator_rate [orders]`.

One process makes and serves; a thread of it, with a client of its own, asks. So the rates are those
of one core shared by both, and a client of its own process does better.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from sync_engine.simulator.endpoints.application import create_application
from sync_engine.simulator.graphql_api.schema import load_schema
from sync_engine.simulator.server import open_listener
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.simulation import Simulation, SimulationConfig
from sync_engine.simulator.spec import ShopSpec

BAG = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
ORDERS = f"""{{ orders {{ edges {{ node {{ id name createdAt updatedAt processedAt cancelledAt test
    displayFinancialStatus displayFulfillmentStatus presentmentCurrencyCode sourceName tags email
    subtotalPriceSet {BAG} totalDiscountsSet {BAG} totalShippingPriceSet {BAG} totalTaxSet {BAG}
    totalPriceSet {BAG} totalRefundedSet {BAG} shippingLine {{ discountedPriceSet {BAG} }}
    customer {{ id }} shippingAddress {{ countryCodeV2 }}
    refunds {{ id createdAt totalRefundedSet {BAG} }}
    lineItems {{ edges {{ node {{ id title variantTitle sku quantity currentQuantity
      product {{ id }} variant {{ id }} originalUnitPriceSet {BAG} totalDiscountSet {BAG}
      discountAllocations {{ allocatedAmountSet {BAG} }} }} }} }} }} }} }} }}"""
CUSTOMERS = """{ customers { edges { node { id displayName firstName lastName state tags createdAt
    updatedAt numberOfOrders amountSpent { amount currencyCode } defaultEmailAddress {
    emailAddress } defaultPhoneNumber { phoneNumber } defaultAddress { countryCodeV2 } } } } }"""
PRODUCTS = """{ products { edges { node { id title handle vendor productType status tags createdAt
    updatedAt variants { edges { node { id title sku price compareAtPrice inventoryQuantity }
    } } } } } }"""
REFUNDS = f"""query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Order {{ id updatedAt refunds {{
    id createdAt totalRefundedSet {BAG} refundLineItems(first: 10) {{ nodes {{ id quantity
    lineItem {{ id }} subtotalSet {BAG} totalTaxSet {BAG} }} pageInfo {{ hasNextPage endCursor }}
    }} }} }} }} }}"""
RUN = """mutation ($query: String!) { bulkOperationRunQuery(query: $query) {
    bulkOperation { id } userErrors { message } } }"""
POLL = "query ($id: ID!) { bulkOperation(id: $id) { status objectCount url } }"


_NODES = 15


class Bench:
    """A simulation on a socket, and a client."""

    def __init__(self, simulation: Simulation, url: str) -> None:
        self._simulation = simulation
        self._client = httpx.Client(base_url=url, timeout=600)
        self._headers = {"X-Shopify-Access-Token": "shpat_bench"}

    def report(self, orders: int) -> None:
        """Run everything and print the rates."""
        for name, query in (("orders", ORDERS), ("customers", CUSTOMERS), ("products", PRODUCTS)):
            self._export(name, query)
        self._nodes()
        self._rest(orders)

    def _graphql(self, text: str, /, **variables: Any) -> dict[str, Any]:
        response = self._client.post(
            "/bench.myshopify.com/admin/api/2026-10/graphql.json",
            json={"query": text, "variables": variables},
            headers=self._headers,
        )
        body = response.json()
        if "errors" in body:
            sys.exit(f"unexpected errors: {body['errors']}")
        return dict(body["data"])

    def _export(self, name: str, query: str) -> None:
        begun = time.perf_counter()
        run = self._graphql(RUN, query=query)["bulkOperationRunQuery"]
        id_ = run["bulkOperation"]["id"]
        while True:
            operation = self._graphql(POLL, id=id_)["bulkOperation"]
            if operation["status"] == "COMPLETED":
                break
            time.sleep(0.2)  # noqa: TID251 - this thread has nothing else to do
        made = time.perf_counter() - begun
        count = int(operation["objectCount"])
        begun = time.perf_counter()
        size = 0
        with self._client.stream("GET", operation["url"]) as response:
            for chunk in response.iter_raw():
                size += len(chunk)
        served = time.perf_counter() - begun
        print(
            f"bulk {name:10} {count:9,} lines  made {count / made:9,.0f} lines/s  "
            f"served {count / served:11,.0f} lines/s  ({size / 1e6 / served:,.0f} MB/s)"
        )

    def _nodes(self) -> None:
        shop = self._simulation.shops["bench.myshopify.com"].shop
        refunded = []
        for order in shop.orders():
            if order.refunds:
                refunded.append(f"gid://shopify/Order/{order.id}")
            if len(refunded) == _NODES:
                break
        times = []
        for _ in range(40):
            begun = time.perf_counter()
            self._graphql(REFUNDS, ids=refunded)
            times.append(time.perf_counter() - begun)
        times.sort()
        print(
            f"nodes(ids:) of {len(refunded)} refunded orders  "
            f"median {times[20] * 1000:.1f} ms  fastest {times[0] * 1000:.1f} ms"
        )

    def _rest(self, orders: int) -> None:
        since, count, begun = 0, 0, time.perf_counter()
        while count < min(orders, 5000):
            page = self._client.get(
                "/bench.myshopify.com/admin/api/2026-10/orders.json",
                params={"limit": "250", "status": "any", "since_id": str(since)},
                headers=self._headers,
            ).json()["orders"]
            if not page:
                break
            count, since = count + len(page), page[-1]["id"]
        print(f"REST orders {count / (time.perf_counter() - begun):13,.0f} orders/s")


@contextmanager
def served(simulation: Simulation) -> Iterator[str]:
    """The simulation on a free port of this machine, in a thread."""
    listener = open_listener("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(create_application(simulation), log_level="warning", access_log=False)
    )
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def truth_rate(spec: ShopSpec, count: int) -> float:
    """Orders made in a second, without any view of them."""
    shop = SimulatedShop(spec)
    begun = time.perf_counter()
    for index in range(count):
        shop.order(index)
    return count / (time.perf_counter() - begun)


def main() -> None:
    """Print the rates for a shop of the size given on the command line."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    spec = ShopSpec.parse(
        f"bench:orders={orders}:customers={orders // 4}:products={orders // 10}:plan=unmetered"
    )
    print(f"truth       {truth_rate(spec, min(orders, 10_000)):13,.0f} orders/s")
    with tempfile.TemporaryDirectory() as folder:
        simulation = Simulation(
            SimulationConfig(shops=[spec], cache_dir=Path(folder), bulk_seconds=0),
            schema=load_schema(),
            base_clock=time.time,
        )
        with served(simulation) as url:
            Bench(simulation, url).report(orders)


if __name__ == "__main__":
    main()
