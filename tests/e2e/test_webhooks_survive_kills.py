"""A webhook that was answered is applied, whatever happens to the process that took it in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.store.store import Store
from tests.e2e.conftest import MakeEnvironment
from tests.e2e.program import Program, start_program
from tests.simulator_process import API_SECRET, Simulator, simulator
from tests.unused_port import unused_port
from tests.waiting import until
from tests.webhook_request import signed

COUNT = 40


async def serving(environment: Mapping[str, str]) -> Program:
    """Start the gateway and return it once it takes webhooks."""
    program = await start_program("serve", environment=environment)
    url = environment["ECHOSIGNAL_PUBLIC_URL"]

    async def is_ready() -> bool:
        async with httpx.AsyncClient() as http:
            try:
                return (await http.get(f"{url}/readyz")).is_success
            except httpx.TransportError:
                assert not program.is_over
                return False

    await until(is_ready)
    return program


def products(shopify: Simulator, shop: ShopDomain) -> list[dict[str, Any]]:
    """Return what Shopify would send of every product."""
    url = f"{shopify.url}/{shop}/admin/api/2026-10/products.json?limit=250"
    answer = httpx.get(url, headers={"X-Shopify-Access-Token": "shpat_lasting"})
    found: list[dict[str, Any]] = answer.json()["products"]
    return found


async def test_a_kill_between_storing_and_applying_loses_nothing(
    store: Store, make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    spec = f"lasting:customers=1:orders=1:products={COUNT}:plan=unmetered"
    with simulator(spec, cache=tmp_path) as shopify:
        (shop,) = shopify.domains
        url = f"http://127.0.0.1:{unused_port()}"
        environment = make_environment(shopify) | {
            "ECHOSIGNAL_PORT": url.rpartition(":")[2],
            "ECHOSIGNAL_PUBLIC_URL": url,
        }
        add = await start_program(
            *("shops", "add", shop, "--access-token", "shpat_lasting"), environment=environment
        )
        assert (await add.result())[0] == 0

        # As long as somebody else holds the inbox, events are stored and not applied.
        held = await store.leases.acquire(shop, "inbox", holder="the test", seconds=600)
        assert held is not None
        program = await serving(environment)
        async with httpx.AsyncClient(base_url=url) as http:
            for number, product in enumerate(products(shopify, shop)):
                body = json.dumps(product).encode()
                identity = {
                    "X-Shopify-Topic": "products/update",
                    "X-Shopify-Webhook-Id": f"delivery-{number}",
                }
                headers = signed(body, API_SECRET, shop=shop, **identity)
                answer = await http.post("/webhooks/shopify", content=body, headers=headers)
                assert answer.status_code == 200
        await program.kill_9()
        events, copies = store.shop(shop).events, store.shop(shop).products
        assert await events.count(status=WebhookEventStatus.RECEIVED) >= COUNT
        assert await copies.count() == 0

        await store.leases.release(held)
        program = await serving(environment)

        async def is_applied() -> bool:
            return await events.count(status=WebhookEventStatus.PROCESSED) >= COUNT

        await until(is_applied)
        assert await copies.count() == COUNT
        assert await program.interrupt() == 130
