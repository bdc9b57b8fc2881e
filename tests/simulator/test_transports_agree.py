"""Truth, GraphQL pages, bulk lines and REST pages tell the same about every record."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.product import Product
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, pages

SPEC = (
    "demo:customers=60:products=30:orders=160:seed=33:currency=CAD:country=CA:plan=unmetered:"
    "timezone=America/Toronto"
)
BAG = "{ shopMoney { amount } presentmentMoney { amount } }"
ORDER = f"""id name createdAt updatedAt processedAt cancelledAt test sourceName note tags email
    displayFinancialStatus customer {{ id }} shippingAddress {{ countryCodeV2 }}
    subtotalPriceSet {BAG} totalDiscountsSet {BAG} totalShippingPriceSet {BAG}
    totalTaxSet {BAG} totalPriceSet {BAG} currentTotalPriceSet {BAG}"""
LINE = f"""id title sku quantity currentQuantity product {{ id }} variant {{ id }}
    originalUnitPriceSet {BAG} totalDiscountSet {BAG}
    discountAllocations {{ allocatedAmountSet {BAG} }}"""
REFUND = f"""id createdAt totalRefundedSet {BAG}
    refundLineItems(first: 250) {{ nodes {{ quantity restockType lineItem {{ id }}
      subtotalSet {BAG} totalTaxSet {BAG} }} }}
    refundShippingLines(first: 5) {{ nodes {{ subtotalAmountSet {BAG} taxAmountSet {BAG} }} }}
    orderAdjustments(first: 5) {{ nodes {{ amountSet {BAG} taxAmountSet {BAG} }} }}"""


def number(gid: str) -> int:
    return int(gid.rpartition("/")[2])


def from_bag(bag: MoneyBag) -> tuple[Decimal, Decimal]:
    return bag.shop, bag.presentment


def from_graphql(bag: dict[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(bag["shopMoney"]["amount"]), Decimal(bag["presentmentMoney"]["amount"])


def from_rest(bag: dict[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(bag["shop_money"]["amount"]), Decimal(bag["presentment_money"]["amount"])


def instant(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


def order_by_truth(order: Order, harness: Harness) -> dict[str, Any]:
    totals = order.totals
    owner = order.customer_index
    return {
        "id": order.id,
        "name": order.name,
        "created": order.created_at.timestamp(),
        "updated": order.updated_at.timestamp(),
        "processed": order.processed_at.timestamp(),
        "cancelled": order.cancelled_at and order.cancelled_at.timestamp(),
        "test": order.is_test,
        "source": order.source_name,
        "note": order.note,
        "tags": list(order.tags),
        "email": order.email,
        "status": order.financial_status,
        "customer": None if owner is None else harness.shop.ids.customers.id_of(owner),
        "country": order.shipping_address and order.shipping_address.country_code,
        "money": [
            from_bag(bag)
            for bag in (
                totals.subtotal,
                totals.discounts,
                totals.shipping,
                totals.tax,
                totals.total,
                totals.current_total,
            )
        ],
    }


def order_by_graphql(node: dict[str, Any]) -> dict[str, Any]:
    sets = ("subtotalPrice", "totalDiscounts", "totalShippingPrice", "totalTax", "totalPrice",
            "currentTotalPrice")  # fmt: skip
    return {
        "id": number(node["id"]),
        "name": node["name"],
        "created": instant(node["createdAt"]),
        "updated": instant(node["updatedAt"]),
        "processed": instant(node["processedAt"]),
        "cancelled": instant(node["cancelledAt"]),
        "test": node["test"],
        "source": node["sourceName"],
        "note": node["note"],
        "tags": node["tags"],
        "email": node["email"],
        "status": node["displayFinancialStatus"],
        "customer": node["customer"] and number(node["customer"]["id"]),
        "country": node["shippingAddress"] and node["shippingAddress"]["countryCodeV2"],
        "money": [from_graphql(node[f"{name}Set"]) for name in sets],
    }


def order_by_rest(order: dict[str, Any]) -> dict[str, Any]:
    sets = ("subtotal_price", "total_discounts", "total_shipping_price", "total_tax",
            "total_price", "current_total_price")  # fmt: skip
    status = order["financial_status"]
    return {
        "id": order["id"],
        "name": order["name"],
        "created": instant(order["created_at"]),
        "updated": instant(order["updated_at"]),
        "processed": instant(order["processed_at"]),
        "cancelled": instant(order["cancelled_at"]),
        "test": order["test"],
        "source": order["source_name"],
        "note": order["note"],
        "tags": order["tags"].split(", ") if order["tags"] else [],
        "email": order["email"] or None,
        "status": status and status.upper(),
        "customer": order["customer"] and order["customer"]["id"],
        "country": order["shipping_address"] and order["shipping_address"]["country_code"],
        "money": [from_rest(order[f"{name}_set"]) for name in sets],
    }


def lines_by_truth(order: Order) -> list[Any]:
    return [
        (
            line.id, line.title, line.sku, line.quantity, line.current_quantity, line.product_id,
            line.variant_id, from_bag(line.unit_price), from_bag(line.line_discount),
            [from_bag(a.amount) for a in line.discount_allocations],
        )
        for line in order.line_items
    ]  # fmt: skip


def line_by_graphql(line: dict[str, Any]) -> Any:
    return (
        number(line["id"]), line["title"], line["sku"], line["quantity"], line["currentQuantity"],
        line["product"] and number(line["product"]["id"]),
        line["variant"] and number(line["variant"]["id"]),
        from_graphql(line["originalUnitPriceSet"]), from_graphql(line["totalDiscountSet"]),
        [from_graphql(a["allocatedAmountSet"]) for a in line["discountAllocations"]],
    )  # fmt: skip


def line_by_rest(line: dict[str, Any]) -> Any:
    return (
        line["id"], line["title"], line["sku"], line["quantity"], line["current_quantity"],
        line["product_id"], line["variant_id"], from_rest(line["price_set"]),
        from_rest(line["total_discount_set"]),
        [from_rest(a["amount_set"]) for a in line["discount_allocations"]],
    )  # fmt: skip


async def rest_pages(harness: Harness, resource: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        since = found[-1]["id"] if found else 0
        response = await harness.client.get(
            f"/{harness.domain}/admin/api/2026-10/{resource}.json?since_id={since}&limit=250{query}",
            headers=harness.headers,
        )
        page = response.json()[resource]
        if not page:
            return found
        found += page


async def test_orders_agree(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    orders = list(harness.shop.orders())
    truth = [order_by_truth(order, harness) for order in orders]
    lines = {order.id: lines_by_truth(order) for order in orders}
    node = f"{ORDER} lineItems(first: 250) {{ nodes {{ {LINE} }} }}"
    paged = await pages(harness, "orders", node, size=10)
    assert [order_by_graphql(node) for node in paged] == truth
    assert {
        number(n["id"]): [line_by_graphql(x) for x in n["lineItems"]["nodes"]] for n in paged
    } == lines
    rested = await rest_pages(harness, "orders", "&status=any")
    assert [order_by_rest(order) for order in rested] == truth
    assert {o["id"]: [line_by_rest(x) for x in o["line_items"]] for o in rested} == lines
    exported = await harness.lines(
        f"{{ orders {{ edges {{ node {{ {ORDER} lineItems {{ edges {{ node {{ {LINE} }} }} }} "
        "} } } }"
    )
    heads = [line for line in exported if "__parentId" not in line]
    assert sorted((order_by_graphql(n) for n in heads), key=lambda o: int(o["id"])) == truth
    by_parent: dict[int, list[Any]] = {}
    for line in exported:
        if "__parentId" in line:
            by_parent.setdefault(number(line["__parentId"]), []).append(line_by_graphql(line))
    assert {key: sorted(value) for key, value in by_parent.items()} == {
        key: sorted(value) for key, value in lines.items()
    }


async def test_refunds_agree(simulate: MakeHarness) -> None:
    harness = simulate("demo:orders=500:seed=8:plan=unmetered:currency=JPY:taxes_included=true")
    orders = [order for order in harness.shop.orders() if order.refunds]
    assert len(orders) > 10
    by_graphql = {}
    for order in orders:
        data = await harness.data(
            f"query ($id: ID!) {{ order(id: $id) {{ refunds {{ {REFUND} }} }} }}",
            id=f"gid://shopify/Order/{order.id}",
        )
        by_graphql[order.id] = data["order"]["refunds"]
    by_rest = {o["id"]: o["refunds"] for o in await rest_pages(harness, "orders", "&status=any")}
    for order in orders:
        for refund, node, shown in zip(
            order.refunds, by_graphql[order.id], by_rest[order.id], strict=True
        ):
            lines = [
                (x.quantity, x.restock_type, x.line_item.id, from_bag(x.subtotal), from_bag(x.tax))
                for x in refund.line_items
            ]
            shipping = [(from_bag(x.subtotal), from_bag(x.tax)) for x in refund.shipping_lines]
            adjustments = [(from_bag(x.amount), from_bag(x.tax_amount)) for x in refund.adjustments]
            assert number(node["id"]) == shown["id"] == refund.id
            assert from_graphql(node["totalRefundedSet"]) == from_bag(refund.total)
            assert lines == [
                (
                    x["quantity"], x["restockType"], number(x["lineItem"]["id"]),
                    from_graphql(x["subtotalSet"]), from_graphql(x["totalTaxSet"]),
                )
                for x in node["refundLineItems"]["nodes"]
            ]  # fmt: skip
            assert lines == [
                (
                    x["quantity"], x["restock_type"].upper(), x["line_item_id"],
                    from_rest(x["subtotal_set"]), from_rest(x["total_tax_set"]),
                )
                for x in shown["refund_line_items"]
            ]  # fmt: skip
            assert shipping == [
                (from_graphql(x["subtotalAmountSet"]), from_graphql(x["taxAmountSet"]))
                for x in node["refundShippingLines"]["nodes"]
            ]
            assert shipping == [
                (from_rest(x["subtotal_amount_set"]), from_rest(x["tax_amount_set"]))
                for x in shown["refund_shipping_lines"]
            ]
            assert adjustments == [
                (from_graphql(x["amountSet"]), from_graphql(x["taxAmountSet"]))
                for x in node["orderAdjustments"]["nodes"]
            ]
            kinds: dict[str, list[Any]] = {"refund_discrepancy": [], "shipping_refund": []}
            for x in shown["order_adjustments"]:
                kinds[x["kind"]].append(
                    (from_rest(x["amount_set"]), from_rest(x["tax_amount_set"]))
                )
            assert kinds["refund_discrepancy"] == adjustments
            assert kinds["shipping_refund"] == [((-a, -b), (-c, -d)) for (a, b), (c, d) in shipping]


CUSTOMER = """id createdAt updatedAt firstName lastName state tags note numberOfOrders
    amountSpent { amount } defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }
    defaultAddress { countryCodeV2 city zip }"""


def customer_by_truth(customer: Customer) -> list[Any]:
    address = customer.default_address
    return [
        customer.id,
        customer.created_at.timestamp(),
        customer.updated_at.timestamp(),
        customer.first_name,
        customer.last_name,
        customer.state,
        list(customer.tags),
        customer.note,
        customer.number_of_orders,
        customer.amount_spent.amount,
        customer.email,
        customer.phone,
        address and [address.country_code, address.city, address.zip],
    ]


async def test_customers_agree(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    truth = [customer_by_truth(customer) for customer in harness.shop.customers()]

    def by_graphql(node: dict[str, Any]) -> list[Any]:
        email, phone = node["defaultEmailAddress"], node["defaultPhoneNumber"]
        return [
            number(node["id"]), instant(node["createdAt"]), instant(node["updatedAt"]),
            node["firstName"], node["lastName"], node["state"], node["tags"], node["note"],
            int(node["numberOfOrders"]), Decimal(node["amountSpent"]["amount"]),
            email and email["emailAddress"], phone and phone["phoneNumber"],
            node["defaultAddress"] and list(node["defaultAddress"].values()),
        ]  # fmt: skip

    def by_rest(shown: dict[str, Any]) -> list[Any]:
        address = shown["default_address"]
        return [
            shown["id"], instant(shown["created_at"]), instant(shown["updated_at"]),
            shown["first_name"], shown["last_name"], shown["state"].upper(),
            shown["tags"].split(", ") if shown["tags"] else [], shown["note"],
            shown["orders_count"], Decimal(shown["total_spent"]), shown["email"], shown["phone"],
            address and [address["country_code"], address["city"], address["zip"]],
        ]  # fmt: skip

    assert [by_graphql(n) for n in await pages(harness, "customers", CUSTOMER, size=50)] == truth
    assert [by_rest(shown) for shown in await rest_pages(harness, "customers")] == truth
    lines = await harness.lines(f"{{ customers {{ edges {{ node {{ {CUSTOMER} }} }} }} }}")
    assert sorted((by_graphql(line) for line in lines), key=lambda c: int(c[0])) == truth


PRODUCT = "id title handle vendor productType status tags createdAt updatedAt"
VARIANT = "id title sku price compareAtPrice position inventoryQuantity"


def product_by_truth(product: Product) -> list[Any]:
    return [
        product.id, product.title, product.handle, product.vendor, product.product_type,
        product.status, list(product.tags), product.created_at.timestamp(),
        product.updated_at.timestamp(),
        [
            [
                v.id, v.title, v.sku, str(v.price.amount),
                None if v.compare_at_price is None else str(v.compare_at_price.amount),
                v.position, v.inventory_quantity,
            ]
            for v in product.variants
        ],
    ]  # fmt: skip


@pytest.mark.parametrize("currency", ["CAD", "JPY", "KWD"])
async def test_products_agree(simulate: MakeHarness, currency: str) -> None:
    harness = simulate(f"demo:products=30:seed=4:currency={currency}:plan=unmetered")
    truth = [product_by_truth(product) for product in harness.shop.products()]

    def by_graphql(node: dict[str, Any]) -> list[Any]:
        return [
            number(node["id"]), node["title"], node["handle"], node["vendor"], node["productType"],
            node["status"], node["tags"], instant(node["createdAt"]), instant(node["updatedAt"]),
            [[number(v.pop("id")), *v.values()] for v in node["variants"]["nodes"]],
        ]  # fmt: skip

    def by_rest(shown: dict[str, Any]) -> list[Any]:
        names = ("id", "title", "sku", "price", "compare_at_price", "position",
                 "inventory_quantity")  # fmt: skip
        return [
            shown["id"], shown["title"], shown["handle"], shown["vendor"], shown["product_type"],
            shown["status"].upper(), shown["tags"].split(", ") if shown["tags"] else [],
            instant(shown["created_at"]), instant(shown["updated_at"]),
            [[v[name] for name in names] for v in shown["variants"]],
        ]  # fmt: skip

    node = f"{PRODUCT} variants(first: 250) {{ nodes {{ {VARIANT} }} }}"
    assert [by_graphql(n) for n in await pages(harness, "products", node, size=30)] == truth
    assert [by_rest(shown) for shown in await rest_pages(harness, "products")] == truth
