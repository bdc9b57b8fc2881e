import httpx
import orjson
import pytest

from sync_engine.simulator.endpoints.application import create_application
from tests.simulator.conftest import MakeHarness


async def test_the_clock_is_read_and_advanced(simulate: MakeHarness) -> None:
    harness = simulate()
    before = await harness.control("GET", "clock")
    assert (before["now"], before["offset_seconds"]) == ("2026-11-24T12:00:00Z", 0.0)
    after = await harness.control("POST", "clock", {"advance_seconds": 3600})
    assert (after["now"], after["offset_seconds"]) == ("2026-11-24T13:00:00Z", 3600.0)
    assert after["now_seconds"] - before["now_seconds"] == 3600
    back = await harness.client.post("/_control/clock", content=b'{"advance_seconds": -1}')
    assert back.status_code == 400


async def test_shops_are_listed_opened_and_changed(simulate: MakeHarness) -> None:
    harness = simulate("demo:customers=3:products=2:orders=5")
    shops = await harness.control("GET", "shops")
    assert shops == [
        {
            "domain": "demo.myshopify.com",
            "standing": "open",
            "granted_scopes": None,
            "is_bulk_disabled": False,
            "is_rest_retired": False,
            "customers": 3,
            "products": 2,
            "orders": 5,
            "points": {},
            "calls": {},
            "now": "2026-11-24T12:00:00Z",
        }
    ]
    opened = await harness.control("POST", "shops", {"spec": "second:orders=7:token=abc"})
    assert (opened["domain"], opened["orders"]) == ("second.myshopify.com", 7)
    response = await harness.client.post(
        "/second.myshopify.com/admin/api/2026-10/graphql.json",
        json={"query": "{ ordersCount { count } }"},
        headers={"X-Shopify-Access-Token": "abc"},
    )
    assert response.json()["data"] == {"ordersCount": {"count": 7}}
    changed = await harness.control(
        "POST", "shops/demo.myshopify.com", {"plan": "plus", "granted_scopes": ["read_orders"]}
    )
    assert changed["granted_scopes"] == ["read_orders"]
    body = await harness.graphql("{ shop { id } }")
    assert body["extensions"]["cost"]["throttleStatus"]["maximumAvailable"] == 20_000
    shown = await harness.control("GET", "shops/demo")
    assert shown["points"]["custom"]["maximum"] == 20_000


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("shops", {"spec": "demo:colour=red"}, 400),
        ("shops", {}, 400),
        ("shops/nobody", {}, 404),
        ("shops/demo", {"plan": "basic"}, 400),
        ("shops/demo", {"standing": "lost"}, 400),
        ("shops/demo", {"colour": "red"}, 400),
        ("shops/demo/tokens", {"kind": "eternal"}, 400),
        ("shops/demo/edits", {"edits": [{"op": "explode"}]}, 400),
        ("clock", {"advance_seconds": "an hour"}, 400),
        ("faults", {"action": {"type": "reset"}, "shop": "nobody.myshopify.com"}, 404),
    ],
)
async def test_mistakes_are_told(
    simulate: MakeHarness, path: str, body: object, status: int
) -> None:
    response = await simulate().client.post(f"/_control/{path}", content=orjson.dumps(body))
    assert response.status_code == status
    assert response.json()["error"]


async def test_the_log_tells_what_was_asked(simulate: MakeHarness) -> None:
    harness = simulate()
    await harness.graphql("query Names { shop { name } }")
    await harness.client.get(
        f"/{harness.domain}/admin/api/2026-10/orders/count.json", headers=harness.headers
    )
    log = await harness.control("GET", "log")
    assert [(r["kind"], r["operation"], r["status"], r["app"]) for r in log] == [
        ("graphql", "Names", 200, "custom"),
        ("rest", "2026-10/orders/count.json", 200, "custom"),
    ]
    assert log[0]["requested_cost"] == log[0]["actual_cost"] == 1
    assert log[0]["bytes_sent"] > 50
    assert await harness.control("GET", "log?kind=rest&limit=5") == log[1:]
    assert await harness.control("GET", "log?shop=other.myshopify.com") == []
    await harness.control("DELETE", "log")
    assert await harness.control("GET", "log") == []
    assert await harness.control("GET", "counters") == {}


async def test_the_app_uninstalls_itself(simulate: MakeHarness) -> None:
    harness = simulate()
    token = (await harness.control("POST", "shops/demo/tokens", {}))["access_token"]
    headers = {"X-Shopify-Access-Token": token}
    text = "mutation { appUninstall { app { apiKey } userErrors { message } } }"
    gone = (await harness.post_graphql(text, headers=headers)).json()["data"]["appUninstall"]
    assert gone == {"app": {"apiKey": "simulated-api-key"}, "userErrors": []}
    assert (await harness.post_graphql("{ shop { id } }", headers=headers)).status_code == 401


async def test_a_reset_forgets_everything_but_the_shops(simulate: MakeHarness) -> None:
    harness = simulate()
    await harness.control("POST", "faults", {"action": {"type": "status", "status": 500}})
    await harness.control("POST", "shops/demo", {"standing": "frozen"})
    token = (await harness.control("POST", "shops/demo/tokens", {}))["access_token"]
    await harness.control("POST", "clock", {"advance_seconds": 99})
    await harness.control("POST", "reset")
    assert (await harness.control("GET", "clock"))["offset_seconds"] == 0.0
    assert (await harness.post_graphql("{ shop { id } }")).status_code == 200
    headers = {"X-Shopify-Access-Token": token}
    assert (await harness.post_graphql("{ shop { id } }", headers=headers)).status_code == 401


async def test_control_answers_this_machine_only(simulate: MakeHarness) -> None:
    harness = simulate()
    transport = httpx.ASGITransport(
        create_application(harness.simulation), client=("203.0.113.9", 4711)
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as stranger:
        assert (await stranger.get("/_control/shops")).status_code == 403
