from datetime import datetime

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import POLL, Harness, ManualClock

ORDERS = "{ orders { edges { node { id lineItems { edges { node { id } } } } } } }"
CANCEL = """mutation ($id: ID!) { bulkOperationCancel(id: $id) {
    bulkOperation { id status } userErrors { field message } } }"""


async def start(harness: Harness, query: str = ORDERS) -> str:
    payload = await harness.submit(query)
    assert payload["userErrors"] == []
    id_ = payload["bulkOperation"]["id"]
    assert isinstance(id_, str)
    return id_


async def test_an_operation_is_created_runs_and_completes(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate(bulk_seconds=10.0)
    payload = await harness.submit(ORDERS)
    operation = payload["bulkOperation"]
    assert (operation["status"], operation["objectCount"]) == ("CREATED", "0")
    await harness.settle()
    total = sum(1 + len(order.line_items) for order in harness.shop.orders())
    counts = []
    for _ in range(4):
        clock.advance(2.5)
        state = await harness.poll(operation["id"])
        assert state["status"] == "RUNNING"
        assert state["url"] is None
        assert state["completedAt"] is None
        counts.append(int(state["objectCount"]))
    assert counts == sorted(counts)
    assert 0 < counts[0] < counts[-1] < total
    clock.advance(0.1)
    done = await harness.poll(operation["id"])
    assert (done["status"], done["errorCode"]) == ("COMPLETED", None)
    assert (done["objectCount"], done["rootObjectCount"]) == (str(total), "60")
    assert done["url"].startswith("http://simulator/demo.myshopify.com/bulk/")
    assert done["partialDataUrl"] is None
    downloaded = await harness.client.get(done["url"])
    assert int(done["fileSize"]) != len(downloaded.content)
    completed = datetime.fromisoformat(done["completedAt"]).timestamp()
    assert abs(completed - (clock() - 0.1)) < 2


async def test_an_export_that_is_slower_than_the_clock_keeps_running(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate("demo:orders=2000:customers=0", bulk_seconds=0.1)
    id_ = await start(harness)
    clock.advance(3600)
    assert (await harness.poll(id_))["status"] == "RUNNING"
    await harness.settle()
    assert (await harness.poll(id_))["status"] == "COMPLETED"


async def test_no_results_mean_no_url(simulate: MakeHarness) -> None:
    harness = simulate()
    state = await harness.run_bulk(
        "{ orders(query: \"created_at:<'2001-01-01'\") { edges { node { id } } } }"
    )
    assert (state["status"], state["url"], state["objectCount"]) == ("COMPLETED", None, "0")
    assert state["fileSize"] is None


async def test_results_expire_after_seven_days(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate()
    state = await harness.run_bulk(ORDERS)
    clock.advance(7 * 86_400 - 3700)
    assert (await harness.client.get(state["url"])).status_code == 200
    clock.advance(3700)
    assert (await harness.client.get(state["url"])).status_code == 403
    expired = await harness.poll(state["id"])
    assert (expired["status"], expired["url"]) == ("EXPIRED", None)


async def test_cancelling_takes_its_time(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate(bulk_seconds=100.0)
    id_ = await start(harness)
    await harness.settle()
    clock.advance(20)
    data = (await harness.data(CANCEL, id=id_))["bulkOperationCancel"]
    assert data == {"bulkOperation": {"id": id_, "status": "CANCELING"}, "userErrors": []}
    again = (await harness.data(CANCEL, id=id_))["bulkOperationCancel"]
    assert again["userErrors"][0]["message"] == (
        "A bulk operation cannot be canceled when it is canceling"
    )
    clock.advance(1)
    state = await harness.poll(id_)
    assert (state["status"], state["url"]) == ("CANCELED", None)
    assert state["completedAt"] is not None


async def test_what_is_over_cannot_be_cancelled(simulate: MakeHarness) -> None:
    harness = simulate()
    state = await harness.run_bulk(ORDERS)
    data = (await harness.data(CANCEL, id=state["id"]))["bulkOperationCancel"]
    assert data == {
        "bulkOperation": {"id": state["id"], "status": "COMPLETED"},
        "userErrors": [
            {
                "field": None,
                "message": "A bulk operation cannot be canceled when it is completed",
            }
        ],
    }
    unknown = await harness.data(CANCEL, id="gid://shopify/BulkOperation/1")
    assert unknown["bulkOperationCancel"] == {
        "bulkOperation": None,
        "userErrors": [{"field": ["id"], "message": "Bulk operation does not exist"}],
    }


async def test_a_missing_scope_fails_the_operation(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate("demo:scopes=read_orders,read_all_orders")
    for query in (
        "{ customers { edges { node { id } } } }",
        "{ orders { edges { node { id customer { id } } } } }",
    ):
        id_ = await start(harness, query)
        clock.advance(1)
        state = await harness.poll(id_)
        assert (state["status"], state["errorCode"]) == ("FAILED", "ACCESS_DENIED")
        assert (state["url"], state["partialDataUrl"]) == (None, None)


async def test_operations_are_listed_newest_first_and_can_be_searched(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate(bulk_seconds=10.0)
    ids = []
    for _ in range(3):
        ids.append(await start(harness))
        clock.advance(6)
        await harness.settle()
    listed = "query ($q: String) { bulkOperations(first: 9, query: $q) { nodes { id status } } }"
    everything = (await harness.data(listed))["bulkOperations"]["nodes"]
    assert [n["id"] for n in everything] == ids[::-1]
    running = await harness.data(listed, q="status:RUNNING operation_type:QUERY")
    assert [n["id"] for n in running["bulkOperations"]["nodes"]] == [ids[2]]
    done = (await harness.data(listed, q="status:completed"))["bulkOperations"]["nodes"]
    assert [n["id"] for n in done] == [ids[1], ids[0]]
    data = await harness.data(
        "query ($id: ID!) { currentBulkOperation { id } node(id: $id) { ... on BulkOperation "
        "{ id type } } }",
        id=ids[0],
    )
    assert data["currentBulkOperation"]["id"] == ids[2]
    assert data["node"] == {"id": ids[0], "type": "QUERY"}


async def test_polls_and_submissions_are_charged_and_exports_are_not(
    simulate: MakeHarness,
) -> None:
    harness = simulate("demo:orders=300")
    await harness.run_bulk(ORDERS)
    counters = (await harness.control("GET", "counters"))["demo.myshopify.com"]
    assert counters["bulk_submit"]["actual_cost"] == 10
    assert counters["bulk_poll"]["actual_cost"] == 1
    assert "graphql" not in counters


async def test_another_app_does_not_see_an_operation(simulate: MakeHarness) -> None:
    harness = simulate()
    id_ = await start(harness)
    token = (await harness.control("POST", "shops/demo/tokens", {}))["access_token"]
    response = await harness.post_graphql(
        POLL, {"id": id_}, headers={"X-Shopify-Access-Token": token}
    )
    assert response.json()["data"] == {"bulkOperation": None}
