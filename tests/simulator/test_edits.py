"""Edits: every read sees them, whatever the transport, and sums still agree."""

from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest

from sync_engine.simulator.records.order import Order
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, ManualClock

SPEC = "demo:customers=30:products=10:orders=150:seed=6"
NOW = "2026-11-24T12:00:00Z"


async def edit(harness: Harness, *edits: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await harness.control("POST", "shops/demo/edits", {"edits": list(edits)})
    applied = answer["applied"]
    assert isinstance(applied, list)
    return applied


async def refused(harness: Harness, **change: Any) -> str:
    response = await harness.client.post(
        "/_control/shops/demo/edits", content=orjson.dumps({"edits": [change]})
    )
    assert response.status_code == 400, response.text
    return str(response.json()["error"])


async def rest(harness: Harness, path: str) -> httpx.Response:
    return await harness.client.get(
        f"/{harness.domain}/admin/api/2026-10/{path}", headers=harness.headers
    )


async def topics(harness: Harness) -> list[tuple[str, int]]:
    return [
        (event["topic"], event["id"]) for event in await harness.control("GET", "shops/demo/events")
    ]


def paid(harness: Harness) -> Order:
    """A paid order of somebody, never refunded, with some shipping."""
    return next(
        order
        for order in harness.shop.orders()
        if order.financial_status == "PAID"
        and order.customer_index is not None
        and not order.refunds
        and not order.is_test
        and order.totals.discounted_shipping
    )


async def test_an_update_shows_in_every_transport_and_moves_updated_at(
    simulate: MakeHarness,
) -> None:
    harness = simulate(SPEC)
    order = paid(harness)
    changes = {"note": "changed 🖊", "tags": ["x", "y"], "email": "new@example.com"}
    await edit(harness, {"op": "update", "resource": "order", "id": order.id, "set": changes})
    gid = f"gid://shopify/Order/{order.id}"
    node = (await harness.data("query ($id: ID!) { order(id: $id) { note tags email updatedAt } }",
                               id=gid))["order"]  # fmt: skip
    assert node == {**changes, "updatedAt": NOW}
    shown = (await rest(harness, f"orders/{order.id}.json")).json()["order"]
    assert (shown["note"], shown["tags"], shown["email"]) == (
        "changed 🖊", "x, y", "new@example.com",
    )  # fmt: skip
    assert shown["updated_at"] == "2026-11-24T07:00:00-05:00"
    lines = await harness.lines("{ orders { edges { node { id note updatedAt } } } }")
    assert {"id": gid, "note": "changed 🖊", "updatedAt": NOW} in lines
    found = await harness.data(
        "{ orders(first: 5, sortKey: UPDATED_AT, query: \"updated_at:>='2026-11-24T12:00:00Z'\")"
        " { nodes { id } } }"
    )
    assert found["orders"]["nodes"] == [{"id": gid}]
    assert harness.shop.order(order.index).note == "changed 🖊"
    assert harness.shop.customer(order.customer_index or 0).updated_at.isoformat() == (
        "2026-11-24T12:00:00+00:00"
    )
    assert [topic for topic, _ in await topics(harness)] == ["orders/updated", "customers/update"]


async def test_a_deleted_record_vanishes_from_every_read(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    order, product = paid(harness), harness.shop.product(2)
    await edit(
        harness,
        {"op": "delete", "resource": "order", "id": order.id},
        {"op": "delete", "resource": "product", "id": product.id},
    )
    data = await harness.data(
        "query ($o: ID!, $p: ID!) { order(id: $o) { id } node(id: $p) { id } ordersCount { count } "
        "productsCount { count } products(first: 50) { nodes { id } } }",
        o=f"gid://shopify/Order/{order.id}",
        p=f"gid://shopify/Product/{product.id}",
    )
    assert (data["order"], data["node"]) == (None, None)
    assert (data["ordersCount"]["count"], data["productsCount"]["count"]) == (149, 9)
    assert f"gid://shopify/Product/{product.id}" not in {n["id"] for n in data["products"]["nodes"]}
    assert (await rest(harness, f"orders/{order.id}.json")).status_code == 404
    assert (await rest(harness, "orders/count.json?status=any")).json() == {"count": 149}
    lines = await harness.lines("{ orders { edges { node { id lineItems { edges { node { id "
                                "product { id } variant { id } } } } } } } }")  # fmt: skip
    assert sum("__parentId" not in line for line in lines) == 149
    gone = {"id": f"gid://shopify/Product/{product.id}"}
    assert all(line.get("product") != gone for line in lines)
    before = [line for o in simulate(SPEC).shop.orders() for line in o.line_items]
    assert any(line.product_id == product.id for line in before), "the test needs such a line"
    assert ("products/delete", product.id) in await topics(harness)
    events = await harness.data(
        '{ events(first: 9, query: "subject_type:PRODUCT AND action:destroy") '
        "{ nodes { action ... on BasicEvent { subjectType subjectId } } } }"
    )
    assert events["events"]["nodes"] == [
        {
            "action": "destroy",
            "subjectType": "PRODUCT",
            "subjectId": f"gid://shopify/Product/{product.id}",
        }
    ]


async def test_rest_and_graphql_agree_on_lines_of_deleted_products(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    sold = next(line for o in harness.shop.orders() for line in o.line_items if line.product_id)
    await edit(harness, {"op": "delete", "resource": "product", "id": sold.product_id})
    shown = (await rest(harness, "orders.json?status=any&limit=250")).json()["orders"]
    line = next(x for o in shown for x in o["line_items"] if x["id"] == sold.id)
    assert (line["product_id"], line["variant_id"], line["product_exists"]) == (None, None, False)
    assert line["title"] == sold.title


async def test_new_records_appear_at_the_end(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate(SPEC)
    applied = await edit(
        harness,
        {"op": "create", "resource": "customer"},
        {"op": "create", "resource": "product", "count": 2},
    )
    customer_id = applied[0]["ids"][0]
    clock.advance(60)
    applied += await edit(
        harness,
        {"op": "create", "resource": "order", "count": 2, "customer_id": customer_id},
        {"op": "create", "resource": "order"},
    )
    shop = harness.shop
    assert (len(shop.customer_set), len(shop.product_set), len(shop.order_set)) == (31, 12, 153)
    mine = [shop.order(i) for i in shop.orders_of(30)]
    assert [o.index for o in mine] == [150, 151]
    assert shop.customer(30).number_of_orders == 2
    spent = sum((o.totals.net_payment.shop for o in mine), Decimal(0))
    assert shop.customer(30).amount_spent.amount == spent > 0
    assert shop.order(152).customer_index is None
    data = await harness.data(
        "query ($id: ID!) { customer(id: $id) { numberOfOrders lastOrder { name } "
        "orders(first: 5) { nodes { name createdAt customer { id } } } } }",
        id=f"gid://shopify/Customer/{customer_id}",
    )
    gid = f"gid://shopify/Customer/{customer_id}"
    assert data["customer"]["numberOfOrders"] == "2"
    assert data["customer"]["lastOrder"] == {"name": "#1152"}
    assert data["customer"]["orders"]["nodes"] == [
        {"name": name, "createdAt": "2026-11-24T12:01:00Z", "customer": {"id": gid}}
        for name in ("#1151", "#1152")
    ]
    shown = (await rest(harness, f"customers/{customer_id}.json")).json()["customer"]
    assert shown["orders_count"] == 2
    ids = [order.id for order in shop.orders()]
    assert ids == sorted(ids)
    assert [topic for topic, _ in await topics(harness)][:3] == [
        "customers/create", "products/create", "products/create",
    ]  # fmt: skip


async def test_a_refund_made_now_obeys_the_same_arithmetic(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    order = paid(harness)
    line = order.line_items[0]
    await edit(
        harness,
        {
            "op": "refund",
            "id": order.id,
            "lines": [{"line_item_id": line.id, "quantity": 1}],
            "shipping_share": [1, 1],
            "adjustment": "-0.01",
            "restock_type": "NO_RESTOCK",
            "note": "late",
        },
    )
    after = harness.shop.order(order.index)
    refund = after.refunds[0]
    assert refund.created_at.isoformat() == "2026-11-24T12:00:00+00:00"
    assert refund.shipping_lines[0].subtotal == order.totals.discounted_shipping
    expected = (
        refund.line_items[0].subtotal.shop
        + refund.line_items[0].tax.shop
        + refund.shipping_lines[0].subtotal.shop
        + refund.shipping_lines[0].tax.shop
        + Decimal("0.01")
    )
    assert refund.total.shop == expected == after.totals.refunded.shop
    assert after.financial_status == "PARTIALLY_REFUNDED"
    assert after.line_items[0].current_quantity == line.quantity - 1
    shown = (await rest(harness, f"orders/{order.id}.json")).json()["order"]["refunds"][0]
    assert {a["kind"]: a["amount"] for a in shown["order_adjustments"]} == {
        "refund_discrepancy": "-0.01",
        "shipping_refund": f"-{order.totals.discounted_shipping.shop}",
    }
    assert shown["transactions"][0]["amount"] == str(refund.total.presentment)
    left = after.totals.net_payment
    await edit(harness, {"op": "refund", "id": order.id, "all_lines": True, "adjustment": "0.01"})
    final = harness.shop.order(order.index)
    assert final.refunds[1].total == left
    assert final.financial_status == "REFUNDED"
    assert final.totals.net_payment == final.totals.zero
    names = [topic for topic, _ in await topics(harness)]
    assert names.count("refunds/create") == 2


async def test_impossible_edits_are_refused_and_change_nothing(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    order = paid(harness)
    line = order.line_items[0]
    owner = harness.shop.customer(order.customer_index or 0)
    too_many = [{"line_item_id": line.id, "quantity": line.quantity + 1}]
    assert "cannot refund" in await refused(harness, op="refund", id=order.id, lines=too_many)
    too_much = await refused(harness, op="refund", id=order.id, adjustment="-99999")
    assert "left" in too_much
    assert "no order 17" in await refused(harness, op="delete", resource="order", id=17)
    has_orders = await refused(harness, op="delete", resource="customer", id=owner.id)
    assert "has orders" in has_orders
    unknown = await refused(harness, op="update", resource="order", id=order.id, set={"total": 1})
    assert "cannot be set" in unknown
    wrong = await refused(harness, op="update", resource="order", id=order.id, set={"tags": "a"})
    assert "cannot be 'a'" in wrong
    assert "op" in await refused(harness, op="explode")
    assert harness.shop.edits_digest() == ""
    assert await topics(harness) == []


async def test_orders_can_be_paid_fulfilled_closed_and_cancelled(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=600:seed=2")
    pending = next(o for o in harness.shop.orders() if o.financial_status == "PENDING")
    authorized = next(o for o in harness.shop.orders() if o.financial_status == "AUTHORIZED")
    other = next(
        o for o in harness.shop.orders() if o.financial_status == "PAID" and o.totals.total
        and o.closed_at is None and not o.refunds
    )  # fmt: skip
    await edit(
        harness,
        {"op": "pay", "id": pending.id},
        {"op": "fulfil", "id": pending.id},
        {"op": "close", "id": pending.id},
        {"op": "cancel", "id": authorized.id, "reason": "FRAUD"},
        {"op": "cancel", "id": other.id, "refund": True},
    )
    done = harness.shop.order(pending.index)
    assert (done.financial_status, done.fulfillment_status) == ("PAID", "FULFILLED")
    assert done.closed_at is not None
    assert done.totals.outstanding == done.totals.zero
    voided = harness.shop.order(authorized.index)
    assert (voided.financial_status, voided.cancel_reason) == ("VOIDED", "FRAUD")
    assert voided.transactions[-1].kind == "VOID"
    assert voided.totals.capturable == voided.totals.zero
    back = harness.shop.order(other.index)
    assert back.financial_status == "REFUNDED"
    assert back.totals.refunded == other.totals.received
    assert {x.restock_type for x in back.refunds[0].line_items} == {"CANCEL"}
    assert "is cancelled already" in await refused(harness, op="cancel", id=other.id)


async def test_variants_can_be_edited_added_and_removed(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    product = next(p for p in harness.shop.products() if len(p.variants) == 3)
    first, second = product.variants[:2]
    await edit(
        harness,
        {
            "op": "edit_variant",
            "product_id": product.id,
            "variant_id": first.id,
            "set": {"price": "12.5", "sku": None, "inventory_quantity": -3},
        },
        {"op": "remove_variant", "product_id": product.id, "variant_id": second.id},
        {"op": "add_variants", "product_id": product.id, "count": 2},
    )
    after = harness.shop.product(product.index)
    assert len(after.variants) == 4
    assert [v.position for v in after.variants] == [1, 2, 3, 4]
    assert second.id not in {v.id for v in after.variants}
    changed = after.variants[0]
    assert (changed.price.amount, changed.sku, changed.inventory_quantity) == (
        Decimal("12.50"), None, -3,
    )  # fmt: skip
    shown = (await rest(harness, f"products/{product.id}.json")).json()["product"]
    assert [v["id"] for v in shown["variants"]] == [v.id for v in after.variants]
    assert shown["variants"][0]["price"] == "12.50"
    data = await harness.data(
        "query ($id: ID!) { productVariant(id: $id) { id } }",
        id=f"gid://shopify/ProductVariant/{second.id}",
    )
    assert data["productVariant"] is None


async def test_merging_moves_orders_and_erasing_leaves_them_to_nobody(
    simulate: MakeHarness,
) -> None:
    harness = simulate(SPEC)
    keep, remove, erased = (
        c for c, _ in zip(
            (c for c in harness.shop.customers() if c.number_of_orders > 1), range(3), strict=False
        )
    )  # fmt: skip
    moved = harness.shop.orders_of(remove.index)
    left = harness.shop.orders_of(erased.index)
    stamps = {i: harness.shop.order(i).updated_at for i in (*moved, *left)}
    await edit(
        harness,
        {"op": "merge", "keep_id": keep.id, "remove_id": remove.id},
        {"op": "erase", "id": erased.id},
    )
    merged = harness.shop.customer(keep.index)
    assert merged.number_of_orders == keep.number_of_orders + remove.number_of_orders
    assert merged.amount_spent.amount == keep.amount_spent.amount + remove.amount_spent.amount
    assert {harness.shop.order(i).customer_index for i in moved} == {keep.index}
    assert {harness.shop.order(i).customer_index for i in left} == {None}
    assert {harness.shop.order(i).email for i in left} == {None}
    assert {i: harness.shop.order(i).updated_at for i in stamps} == stamps
    assert not harness.shop.customer_set.exists(remove.index)
    assert len(harness.shop.customer_set) == 28
    names = [topic for topic, _ in await topics(harness)]
    assert names == ["customers/merge", "customers/delete", "customers/update", "customers/delete"]


async def test_touching_moves_updated_at_and_nothing_else(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    before = harness.shop.product(4)
    await edit(harness, {"op": "touch", "resource": "product", "id": before.id})
    after = harness.shop.product(4)
    assert after.updated_at.isoformat() == "2026-11-24T12:00:00+00:00"
    assert after.title == before.title
    assert after.variants == before.variants


async def test_pages_keep_their_place_while_records_come_and_go(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    query = """query ($after: String) { orders(first: 10, after: $after, sortKey: ID) {
        nodes { legacyResourceId } pageInfo { endCursor } } }"""
    page = (await harness.data(query))["orders"]
    seen = [int(n["legacyResourceId"]) for n in page["nodes"]]
    await edit(
        harness,
        {"op": "delete", "resource": "order", "id": seen[0]},
        {"op": "delete", "resource": "order", "id": seen[-1]},
        {"op": "create", "resource": "order"},
    )
    page = (await harness.data(query, after=page["pageInfo"]["endCursor"]))["orders"]
    expected = [o.id for o in harness.shop.orders() if o.id > seen[-1]][:10]
    assert [int(n["legacyResourceId"]) for n in page["nodes"]] == expected


async def test_an_edit_makes_a_new_export_and_reset_brings_the_old_one_back(
    simulate: MakeHarness,
) -> None:
    harness = simulate(SPEC)
    query = "{ orders { edges { node { id note } } } }"
    before = await harness.lines(query)
    order = paid(harness)
    change = {"op": "update", "resource": "order", "id": order.id, "set": {"note": "now"}}
    await edit(harness, change)
    edited = await harness.lines(query)
    assert edited != before
    await harness.control("POST", "reset")
    assert await harness.lines(query) == before
    assert harness.shop.edits_digest() == ""


@pytest.mark.parametrize("resource", ["orders", "customers", "products"])
async def test_listeners_hear_of_every_event(simulate: MakeHarness, resource: str) -> None:
    harness = simulate(SPEC)
    heard: list[Any] = []
    harness.simulation.shops[harness.domain].events.listen(heard.append)
    name = resource.removesuffix("s")
    await edit(harness, {"op": "create", "resource": name})
    assert heard[0].topic == f"{resource}/create"
    assert heard[0].resource == name
