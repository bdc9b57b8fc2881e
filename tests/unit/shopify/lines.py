"""Writes canonical records as the lines that a bulk export would have brought them in."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from sync_engine.model.records import Child, Customer, LineItem, Order, Product, Refund

Node = dict[str, Any]


def gid(kind: str, number: int | None) -> str:
    return f"gid://shopify/{kind}/{number}"


def spelled(amount: Decimal, zeros: int) -> str:
    """Write an amount with the decimals it needs and some zeros: ``5``, ``5.0``, ``5.00``."""
    text = f"{amount:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0") + "0" * zeros
    return f"{whole}.{fraction}" if fraction else whole


class LineWriter:
    """Spells the amounts with so many zeros behind them."""

    def __init__(self, zeros: int) -> None:
        self._zeros = zeros

    def money(self, amount: Decimal, currency: str) -> Node:
        return {"amount": spelled(amount, self._zeros), "currencyCode": currency}

    def bag(self, amount: Decimal, currency: str) -> Node:
        return {"shopMoney": self.money(amount, currency)}

    def customer(self, record: Customer) -> Node:
        return {
            "id": gid("Customer", record.id),
            "createdAt": record.created_at.isoformat(),
            "updatedAt": record.updated_at.isoformat(),
            "displayName": record.display_name,
            "firstName": record.first_name,
            "lastName": record.last_name,
            "defaultEmailAddress": {"emailAddress": record.email},
            "defaultPhoneNumber": {"phoneNumber": record.phone},
            "state": record.state,
            "tags": record.tags,
            "defaultAddress": record.country_code and {"countryCodeV2": record.country_code},
            "numberOfOrders": str(record.number_of_orders),
            "amountSpent": self.money(record.amount_spent, record.currency_code),
        }

    def product(self, record: Product) -> Node:
        return {
            "id": gid("Product", record.id),
            "createdAt": record.created_at.isoformat(),
            "updatedAt": record.updated_at.isoformat(),
            "title": record.title,
            "handle": record.handle,
            "vendor": record.vendor,
            "productType": record.product_type,
            "status": record.status,
            "tags": record.tags,
        }

    def order(self, record: Order) -> Node:
        currency = record.currency_code
        return {
            "id": gid("Order", record.id),
            "createdAt": record.created_at.isoformat(),
            "updatedAt": record.updated_at.isoformat(),
            "name": record.name,
            "processedAt": record.processed_at.isoformat(),
            "cancelledAt": record.cancelled_at and record.cancelled_at.isoformat(),
            "test": record.test,
            "taxesIncluded": record.taxes_included,
            "displayFinancialStatus": record.financial_status,
            "displayFulfillmentStatus": record.fulfillment_status,
            "currencyCode": currency,
            "presentmentCurrencyCode": record.presentment_currency_code,
            "subtotalPriceSet": self.bag(record.subtotal, currency),
            "totalDiscountsSet": self.bag(record.total_discounts, currency),
            "totalShippingPriceSet": self.bag(record.total_shipping, currency),
            "totalTaxSet": self.bag(record.total_tax, currency),
            "totalPriceSet": self.bag(record.total_price, currency),
            "totalRefundedSet": self.bag(record.total_refunded, currency),
            "shippingLine": {"discountedPriceSet": self.bag(record.shipping_charged, currency)},
            "sourceName": record.source_name,
            "shippingAddress": record.country_code and {"countryCodeV2": record.country_code},
            "tags": record.tags,
            "customer": record.customer_id and {"id": gid("Customer", record.customer_id)},
            "refunds": [self._refund(each, currency) for each in record.refunds],
        }

    def child(self, child: Child, parent: Product | Order) -> Node:
        parent_id = gid(type(parent).__name__, parent.id)
        if isinstance(child, LineItem):
            return self._line_item(child, parent.currency_code) | {"__parentId": parent_id}
        return {
            "id": gid("ProductVariant", child.id),
            "title": child.title,
            "sku": child.sku,
            "price": spelled(child.price, self._zeros),
            "compareAtPrice": (
                None
                if child.compare_at_price is None
                else spelled(child.compare_at_price, self._zeros)
            ),
            "inventoryQuantity": child.inventory_quantity,
            "position": child.position,
            "__parentId": parent_id,
        }

    def _refund(self, refund: Refund, currency: str) -> Node:
        return {
            "id": gid("Refund", refund.id),
            "createdAt": refund.created_at.isoformat(),
            "totalRefundedSet": self.bag(refund.total, currency),
        }

    def _line_item(self, line: LineItem, currency: str) -> Node:
        return {
            "id": gid("LineItem", line.id),
            "title": line.title,
            "sku": line.sku,
            "quantity": line.quantity,
            "product": line.product_id and {"id": gid("Product", line.product_id)},
            "variant": line.variant_id and {"id": gid("ProductVariant", line.variant_id)},
            "originalUnitPriceSet": self.bag(line.unit_price, currency),
            "discountAllocations": [
                {"allocatedAmountSet": self.bag(line.total_discount, currency)}
            ],
        }


def encoded(node: Any) -> bytes:
    """Write a line; what UTF-8 cannot hold is escaped."""
    return json.dumps(node).encode()


WRITERS = st.integers(0, 3).map(LineWriter)
