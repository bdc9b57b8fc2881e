"""Faults that change the answer itself; those that need a socket are in test_server."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from sync_engine.simulator.endpoints.recording import ConnectionAborted
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, ManualClock

SHOP = "{ shop { name } }"
ORDERS = "{ orders { edges { node { id name } } } }"


async def arm(harness: Harness, action: dict[str, Any], **rule: Any) -> int:
    armed = await harness.control("POST", "faults", {"action": action, **rule})
    assert isinstance(armed["id"], int)
    return armed["id"]


async def statuses(harness: Harness, count: int) -> list[int]:
    return [(await harness.post_graphql(SHOP)).status_code for _ in range(count)]


@pytest.mark.parametrize("status", [401, 402, 403, 404, 406, 423, 429, 430, 500, 502, 503, 504])
async def test_any_status_can_be_answered_once(simulate: MakeHarness, status: int) -> None:
    harness = simulate()
    await arm(harness, {"type": "status", "status": status}, kind="graphql")
    assert await statuses(harness, 2) == [status, 200]
    log = await harness.control("GET", "log?kind=graphql")
    assert [(r["status"], r["fault"]) for r in log] == [(status, "status"), (200, None)]


@pytest.mark.parametrize(
    "body", ["", "<html>", '{"data": {"shop": {"na', "[]", '{"data": {"shop": 7}}', '"text"']
)
async def test_any_body_can_be_answered(simulate: MakeHarness, body: str) -> None:
    harness = simulate()
    headers = {"x-request-id": "1", "content-type": "text/plain"}
    await arm(harness, {"type": "respond", "body": body, "headers": headers})
    response = await harness.post_graphql(SHOP)
    assert (response.status_code, response.text) == (200, body)
    assert response.headers["x-request-id"] == "1"
    assert response.headers["content-type"] == "text/plain"


async def test_rules_match_shop_kind_and_text(simulate: MakeHarness) -> None:
    harness = simulate("demo", "other")
    await arm(harness, {"type": "status", "status": 500}, shop="other.myshopify.com", times=None)
    await arm(harness, {"type": "status", "status": 501}, kind="rest", times=None)
    await arm(harness, {"type": "status", "status": 502}, contains="customers(", times=None)
    await arm(harness, {"type": "status", "status": 503}, contains='"marker"', times=None)
    assert await statuses(harness, 1) == [200]
    other = await harness.client.post(
        "/other.myshopify.com/admin/api/2026-10/graphql.json", json={"query": SHOP}
    )
    assert other.status_code == 500
    path = f"/{harness.domain}/admin/api/2026-10/orders.json"
    assert (await harness.client.get(path, headers=harness.headers)).status_code == 501
    text = "{ customers(first: 1) { nodes { id } } }"
    assert (await harness.post_graphql(text)).status_code == 502
    assert (await harness.post_graphql(SHOP, {"x": "marker"})).status_code == 503


async def test_rules_skip_and_count(simulate: MakeHarness) -> None:
    harness = simulate()
    id_ = await arm(harness, {"type": "status", "status": 500}, skip=2, times=2)
    assert await statuses(harness, 6) == [200, 200, 500, 500, 200, 200]
    report = await harness.control("GET", "faults")
    assert [(r["id"], r["matches"], r["hits"]) for r in report] == [(id_, 4, 2)]


async def test_chance_is_reproducible(simulate: MakeHarness) -> None:
    runs = []
    for _ in range(2):
        harness = simulate()
        await arm(harness, {"type": "status", "status": 500}, probability=0.5, seed=9)
        runs.append(await statuses(harness, 30))
    assert runs[0] == runs[1]
    assert 5 < runs[0].count(500) < 25


async def test_rules_can_be_disarmed(simulate: MakeHarness) -> None:
    harness = simulate()
    first = await arm(harness, {"type": "status", "status": 500}, times=None)
    await arm(harness, {"type": "status", "status": 501}, times=None)
    await harness.control("DELETE", f"faults/{first}")
    assert await statuses(harness, 1) == [501]
    await harness.control("DELETE", "faults")
    assert await statuses(harness, 1) == [200]
    assert (await harness.client.delete("/_control/faults/99")).status_code == 404


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"action": {"type": "explode"}},
        {"action": {"type": "reset"}, "kind": "dns"},
        {"action": {"type": "reset"}, "colour": "red"},
        {"action": {"type": "status"}},
        {"action": {"type": "status", "status": "many"}},
    ],
)
async def test_rules_that_make_no_sense_are_refused(
    simulate: MakeHarness, rule: dict[str, Any]
) -> None:
    harness = simulate()
    response = await harness.client.post("/_control/faults", content=orjson.dumps(rule))
    assert response.status_code == 400
    assert response.json()["error"]


async def test_throttling_out_of_the_blue(simulate: MakeHarness) -> None:
    harness = simulate()
    await arm(harness, {"type": "throttle"}, kind="graphql")
    body = await harness.graphql(SHOP)
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert body["extensions"]["cost"]["actualQueryCost"] is None
    assert body["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 2000
    await arm(harness, {"type": "throttle", "retry_after": 4.5}, kind="rest")
    path = f"/{harness.domain}/admin/api/2026-10/orders.json"
    refused = await harness.client.get(path, headers=harness.headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "4.5")
    counters = (await harness.control("GET", "counters"))["demo.myshopify.com"]
    assert counters["graphql"]["throttled"] == counters["rest"]["throttled"] == 1


async def test_server_errors_come_with_status_200(simulate: MakeHarness) -> None:
    harness = simulate()
    await arm(harness, {"type": "graphql_error"})
    body = await harness.graphql(SHOP)
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert body["errors"][0]["extensions"]["requestId"]
    partial = {"type": "graphql_error", "code": "TIMEOUT", "message": "m", "data": {"shop": None}}
    await arm(harness, partial)
    assert await harness.graphql(SHOP) == {
        "errors": [{"message": "m", "extensions": {"code": "TIMEOUT"}}],
        "data": {"shop": None},
    }


async def test_the_bucket_can_shrink_under_way(simulate: MakeHarness) -> None:
    harness = simulate()
    await arm(harness, {"type": "bucket", "maximum": 500, "restore_rate": 25, "available": 7})
    status = (await harness.graphql(SHOP))["extensions"]["cost"]["throttleStatus"]
    assert status == {"maximumAvailable": 500.0, "currentlyAvailable": 6, "restoreRate": 25.0}


async def test_tokens_can_die_under_way(simulate: MakeHarness) -> None:
    harness = simulate()
    pair = await harness.control("POST", "shops/demo/tokens", {"kind": "offline"})
    headers = {"X-Shopify-Access-Token": pair["access_token"]}
    await arm(harness, {"type": "expire_token"}, kind="graphql")
    assert (await harness.post_graphql(SHOP, headers=headers)).status_code == 401
    assert (await harness.post_graphql(SHOP, headers=headers)).status_code == 401
    renewed = await harness.client.post(
        f"/{harness.domain}/admin/oauth/access_token",
        data={
            "client_id": "simulated-api-key",
            "client_secret": "simulated-api-secret",
            "grant_type": "refresh_token",
            "refresh_token": pair["refresh_token"],
        },
    )
    headers = {"X-Shopify-Access-Token": renewed.json()["access_token"]}
    assert (await harness.post_graphql(SHOP, headers=headers)).status_code == 200
    await arm(harness, {"type": "revoke_token"}, kind="graphql")
    assert (await harness.post_graphql(SHOP, headers=headers)).status_code == 401
    assert (await harness.post_graphql(SHOP, headers=headers)).status_code == 401
    assert (await harness.post_graphql(SHOP)).status_code == 200


async def outcome(
    harness: Harness, clock: ManualClock, **fields: Any
) -> tuple[dict[str, Any], bytes]:
    """An operation disturbed as told, once it is over, and its result or partial data."""
    await arm(harness, {"type": "bulk", **fields}, kind="bulk_submit")
    id_ = (await harness.submit(ORDERS))["bulkOperation"]["id"]
    await harness.settle()
    clock.advance(60)
    state = await harness.poll(id_)
    url = state["url"] or state["partialDataUrl"]
    return state, (await harness.client.get(url)).content if url else b""


@pytest.mark.parametrize("stuck_in", ["CREATED", "RUNNING"])
async def test_operations_can_be_stuck_until_shopify_gives_up(
    simulate: MakeHarness, clock: ManualClock, stuck_in: str
) -> None:
    harness = simulate()
    state, _ = await outcome(harness, clock, stuck_in=stuck_in)
    assert (state["status"], state["url"]) == (stuck_in, None)
    clock.advance(9 * 86_400)
    assert (await harness.poll(state["id"]))["status"] == stuck_in
    clock.advance(86_400)
    given_up = await harness.poll(state["id"])
    assert (given_up["status"], given_up["errorCode"]) == ("FAILED", "TIMEOUT")


async def test_operations_can_fail_with_and_without_partial_data(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate("demo:orders=100:customers=0")
    code = "INTERNAL_SERVER_ERROR"
    state, partial = await outcome(
        harness, clock, status="FAILED", error_code=code, has_partial_data=True
    )
    assert (state["status"], state["errorCode"], state["url"]) == ("FAILED", code, None)
    assert state["objectCount"] == "50"
    lines = [orjson.loads(line) for line in partial.splitlines()]
    assert [line["name"] for line in lines] == [f"#{1001 + i}" for i in range(50)]
    state, partial = await outcome(harness, clock, status="FAILED", error_code=code)
    assert (state["partialDataUrl"], partial) == (None, b"")


async def test_shopify_may_cancel_by_itself(simulate: MakeHarness, clock: ManualClock) -> None:
    state, _ = await outcome(simulate(), clock, status="CANCELED")
    assert (state["status"], state["url"], state["errorCode"]) == ("CANCELED", None, None)


async def test_results_can_be_lost_or_miscounted(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate()
    state, _ = await outcome(harness, clock, is_url_missing=True)
    assert (state["status"], state["url"], state["objectCount"]) == ("COMPLETED", None, "60")
    state, content = await outcome(harness, clock, count_error=-3)
    assert state["objectCount"] == "57"
    assert len(content.splitlines()) == 60


async def test_a_cancelled_operation_can_hang_on(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate(bulk_seconds=100.0)
    state, _ = await outcome(harness, clock, is_cancel_stuck=True)
    await harness.data(
        "mutation ($id: ID!) { bulkOperationCancel(id: $id) { userErrors { field } } }",
        id=state["id"],
    )
    clock.advance(86_400)
    assert (await harness.poll(state["id"]))["status"] == "CANCELING"


async def test_result_lines_can_be_broken(simulate: MakeHarness) -> None:
    harness = simulate()
    url = (await harness.run_bulk(ORDERS))["url"]
    right = (await harness.client.get(url)).content.splitlines()
    await arm(harness, {"type": "malform_line", "line": 7}, kind="download")
    broken = (await harness.client.get(url)).content.splitlines()
    assert [i for i, line in enumerate(broken) if line != right[i]] == [6]
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(broken[6])
    await arm(harness, {"type": "drop_id", "line": 60}, kind="download")
    without = (await harness.client.get(url)).content.splitlines()
    assert [i for i, line in enumerate(without) if line != right[i]] == [59]
    assert "id" not in orjson.loads(without[59])
    await arm(harness, {"type": "malform_line", "line": 7}, kind="download")
    rest = await harness.client.get(url, headers={"Range": "bytes=100-"})
    assert rest.content == b"\n".join(broken)[100:] + b"\n"
    assert (await harness.client.get(url)).content.splitlines() == right


async def test_a_body_can_end_early_as_if_complete(simulate: MakeHarness) -> None:
    harness = simulate()
    url = (await harness.run_bulk(ORDERS))["url"]
    whole = (await harness.client.get(url)).content
    await arm(harness, {"type": "cut", "after_bytes": 1000}, kind="download")
    response = await harness.client.get(url)
    assert (response.status_code, response.content) == (200, whole[:1000])
    assert response.headers["content-length"] == "1000"


async def test_an_answer_can_hang_or_drip(simulate: MakeHarness) -> None:
    harness = simulate()
    await arm(harness, {"type": "hang", "seconds": 1e9})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(harness.post_graphql(SHOP), timeout=0.05)
    await arm(harness, {"type": "drip", "bytes_per_second": 100_000})
    assert (await harness.post_graphql(SHOP)).json()["data"]["shop"]["name"] == "Demo"


async def test_a_reset_reaches_callers_in_this_process_as_an_exception(
    simulate: MakeHarness,
) -> None:
    harness = simulate()
    await arm(harness, {"type": "reset"}, kind="graphql")
    with pytest.raises(ConnectionAborted):
        await harness.post_graphql(SHOP)
    assert await statuses(harness, 1) == [200]


async def test_oauth_can_fail_too(simulate: MakeHarness) -> None:
    harness = simulate()
    await arm(harness, {"type": "status", "status": 503}, kind="oauth", contains="client_cred")
    form = {
        "client_id": "simulated-api-key",
        "client_secret": "simulated-api-secret",
        "grant_type": "client_credentials",
    }
    path = f"/{harness.domain}/admin/oauth/access_token"

    async def post() -> httpx.Response:
        return await harness.client.post(path, data=form)

    assert (await post()).status_code == 503
    assert (await post()).status_code == 200
