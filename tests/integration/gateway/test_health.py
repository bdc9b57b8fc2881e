"""Alive and ready are two questions: a gateway without its database is the one, not the other."""

from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from config.settings import load_settings
from gateway.cli.serve import serving_gateway
from sync_engine.store.embedded.server import open_embedded_mongod
from sync_engine.store.store import Store
from tests.examples import SHOP, connected_shop
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller, MakeCaller
from tests.searched_log import SearchedLog
from tests.unused_port import unused_port


async def test_a_running_gateway_is_alive_and_ready(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).status_code == 200
    assert (await http.get("/readyz")).status_code == 200


async def test_without_its_database_a_gateway_is_alive_but_not_ready(
    tmp_path: Path, encryption_key: str
) -> None:
    async with AsyncExitStack() as database:
        mongod = await database.enter_async_context(open_embedded_mongod(tmp_path))
        port = unused_port()
        settings = load_settings(
            port=port,
            data_dir=tmp_path,
            mongodb={"uri": f"{mongod.uri}&serverSelectionTimeoutMS=500"},
            encryption_keys=encryption_key,
            operator_token=OPERATOR_TOKEN,
            shopify={"api_key": "key", "api_secret": "secret"},
        )
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)
        async with serving_gateway(settings), client as http:
            assert (await http.get("/readyz")).status_code == 200
            await database.aclose()
            assert (await http.get("/healthz")).status_code == 200
            not_ready = await http.get("/readyz")
            assert not_ready.status_code == 503
            assert not_ready.json()["dependencies"]["mongodb"] in {"unavailable", "timeout"}
            assert (await http.get("/metrics")).status_code == 401
            bearer = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
            metrics = await http.get("/metrics", headers=bearer)
            assert metrics.status_code == 200
            assert "\nechosignal_database_up 0.0" in metrics.text
            assert "\nechosignal_inbox_events " not in metrics.text  # no news, no old news
            (error,) = await Caller(http, OPERATOR_TOKEN).errors("{ shops { totalCount } }")
            assert error["extensions"]["code"] == "UNAVAILABLE"


async def test_the_log_of_requests_holds_no_secrets(
    make_caller: MakeCaller, store: Store, searched_log: SearchedLog
) -> None:
    begins = searched_log.position()
    await connected_shop(store)
    caller = await make_caller(SHOP)
    await caller.data("{ viewer { kind } }")
    secrets = {"code": "the-code", "hmac": "the-hmac", "state": "the-state", "shop": SHOP}
    await caller.http.get("/auth/shopify/callback", params=secrets)
    logged = searched_log.since(begins)
    assert "/auth/shopify/callback" in logged
    assert caller.token is not None
    for secret in (caller.token, "the-code", "the-hmac", "the-state"):
        assert secret not in logged
