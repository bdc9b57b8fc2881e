"""A shop that lives: random edits, what they announce, and the truth that is left."""

from typing import Any

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, ManualClock
from tests.simulator.test_edits import edit, paid, refused, rest, topics
from tests.simulator.test_order_arithmetic import check_sums

SPEC = "demo:customers=40:products=12:orders=120:seed=11:ids=straddle"


async def churn(harness: Harness, **wanted: Any) -> dict[str, Any]:
    report: dict[str, Any] = await harness.control("POST", "shops/demo/churn", wanted)
    return report


async def truth(harness: Harness, resource: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    since: int | None = 0
    while since is not None:
        page = await harness.control("GET", f"shops/demo/truth/{resource}?since={since}&limit=50")
        found += page["records"]
        since = page["next"]
    return found


async def test_churn_brings_edits_of_every_kind_with_their_events(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    report = await churn(harness, edits=300, seed=5, advance_seconds=3600)
    assert len(report["applied"]) == 300
    assert {applied["op"] for applied in report["applied"]} == {
        "add_variants", "cancel", "close", "create", "delete", "edit_lines", "edit_variant",
        "erase", "fulfil", "merge", "pay", "refund", "remove_variant", "touch", "update",
    }  # fmt: skip
    assert {topic for topic, _ in await topics(harness)} == {
        "customers/create", "customers/delete", "customers/merge", "customers/update",
        "orders/cancelled", "orders/create", "orders/delete", "orders/edited", "orders/fulfilled",
        "orders/paid", "orders/updated", "products/create", "products/delete", "products/update",
        "refunds/create",
    }  # fmt: skip
    assert "2026-11-27" < report["now"] < "2026-12-02"


async def test_the_same_seed_leaves_the_same_shop(simulate: MakeHarness) -> None:
    left = []
    for seed in (1, 1, 2):
        harness = simulate(SPEC)
        await churn(harness, edits=60, seed=seed, advance_seconds=60)
        left.append([await truth(harness, name) for name in ("customers", "products", "orders")])
    assert left[0] == left[1] != left[2]


async def test_changed_records_are_the_ones_changed_since(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate(SPEC)
    before = {order["id"]: order for order in await truth(harness, "orders")}
    clock.advance(60)
    await churn(harness, edits=80, seed=3)
    silent = {"keep_order": 0}
    for order in await truth(harness, "orders"):
        old = before.get(order["id"])
        if order["updated_at"] == "2026-11-24T07:01:00-05:00":
            silent["keep_order"] += order == old
        elif old is not None:
            # Merges, erased customers and deleted goods show without a change of the order.
            for name in ("customer", "line_items", "refunds", "email", "phone", "contact_email",
                         "billing_address", "shipping_address"):  # fmt: skip
                old[name] = order[name]
            assert order == old
    assert silent["keep_order"] == 0


async def test_the_truth_is_what_the_apis_serve(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    await churn(harness, edits=100, seed=8)
    ids = await harness.control("GET", "shops/demo/truth")
    for resource in ("customers", "products", "orders"):
        records = await truth(harness, resource)
        assert [record["id"] for record in records] == ids[resource]["ids"]
        assert len(records) == ids[resource]["count"]
        query = "?since_id=0&limit=250" + ("&status=any" if resource == "orders" else "")
        listed = (await rest(harness, f"{resource}.json{query}")).json()[resource]
        for record in records:
            record.pop("transactions", None)
        assert records == listed


async def test_sums_still_agree_after_a_hundred_edits(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    await churn(harness, edits=300, seed=2, advance_seconds=7200)
    for order in harness.shop.orders():
        check_sums(order)


async def test_lines_can_be_added_and_removed(simulate: MakeHarness) -> None:
    harness = simulate("demo:customers=30:products=10:orders=150:seed=6")
    order, variant = paid(harness), harness.shop.product(3).variants[0]
    line = order.line_items[0]
    await edit(
        harness,
        {
            "op": "edit_lines",
            "id": order.id,
            "add": [{"variant_id": variant.id, "quantity": 2}],
            "remove": [{"line_item_id": line.id, "quantity": 1}],
        },
    )
    data = await harness.data(
        """query ($id: ID!) { order(id: $id) { edited displayFinancialStatus
        originalTotalPriceSet { shopMoney { amount } } totalPriceSet { shopMoney { amount } }
        netPaymentSet { shopMoney { amount } } currentTotalPriceSet { shopMoney { amount } }
        lineItems(first: 50) { nodes { quantity currentQuantity variant { id } } } } }""",
        id=f"gid://shopify/Order/{order.id}",
    )
    shown = data["order"]

    def amount(name: str) -> float:
        return float(shown[name]["shopMoney"]["amount"])

    added = float(variant.price.amount) * 2
    assert shown["edited"]
    assert amount("originalTotalPriceSet") == float(order.totals.total.shop)
    assert amount("totalPriceSet") == pytest.approx(float(order.totals.total.shop) + added)
    assert amount("netPaymentSet") == float(order.totals.net_payment.shop)
    nodes = shown["lineItems"]["nodes"]
    assert nodes[0]["quantity"] == line.quantity
    assert nodes[0]["currentQuantity"] == line.quantity - 1
    assert nodes[-1]["variant"]["id"] == f"gid://shopify/ProductVariant/{variant.id}"
    assert [topic for topic, _ in await topics(harness)][:2] == ["orders/edited", "orders/updated"]
    check_sums(harness.shop.order(order.index))
    await edit(harness, {"op": "refund", "id": order.id, "lines": []})
    for change in (
        {"add": [{"variant_id": 17}]},
        {"remove": [{"line_item_id": 17, "quantity": 1}]},
        {"remove": [{"line_item_id": line.id, "quantity": 99}]},
        {},
    ):
        assert await refused(harness, op="edit_lines", id=order.id, **change)
