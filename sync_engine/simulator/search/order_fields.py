"""What orders can be searched by.

Source: `query` argument of QueryRoot.orders in the Admin API.
"""

from sync_engine.simulator.records.order import Order
from sync_engine.simulator.search.field_kinds import (
    BooleanField,
    Candidate,
    NumberField,
    SearchTable,
    TextField,
    TimeField,
)
from sync_engine.simulator.shop import SimulatedShop

_FINANCIAL = frozenset(
    {
        "any",
        "paid",
        "pending",
        "authorized",
        "partially_paid",
        "partially_refunded",
        "refunded",
        "voided",
        "expired",
        "unpaid",
    }
)
_FULFILLMENT = frozenset(
    {
        "any",
        "unshipped",
        "shipped",
        "fulfilled",
        "partial",
        "scheduled",
        "on_hold",
        "unfulfilled",
        "request_declined",
        "fulfillment_not_required",
        "in_progress",
        "restocked",
    }
)
_STATUSES = frozenset({"any", "open", "closed", "cancelled", "not_closed"})


def order_table(shop: SimulatedShop) -> SearchTable:
    """The search fields of a shop's orders."""
    orders = shop.order_set
    return SearchTable(
        name="orders",
        fields={
            "id": NumberField(lambda c: shop.ids.orders.id_of(c.index)),
            "created_at": TimeField(
                read=lambda c: orders.created_at_seconds(c.index), window="created"
            ),
            "updated_at": TimeField(
                read=lambda c: orders.updated_at_seconds(c.index), window="updated"
            ),
            "processed_at": TimeField(read=lambda c: processed_at_seconds(shop, c.index)),
            "name": TextField(read=lambda c: (c.record.name, str(c.record.number))),
            "confirmation_number": TextField(read=lambda c: (c.record.confirmation_number,)),
            "email": TextField(read=lambda c: (c.record.email,)),
            "status": TextField(read=_statuses, accepted=_STATUSES),
            "financial_status": TextField(
                read=lambda c: (c.record.financial_status,),
                accepted=_FINANCIAL,
                groups={
                    "unpaid": frozenset({"pending", "authorized", "expired", "partially_paid"})
                },
            ),
            "fulfillment_status": TextField(
                read=lambda c: (c.record.fulfillment_status,),
                accepted=_FULFILLMENT,
                groups={
                    "shipped": frozenset({"fulfilled"}),
                    "unshipped": frozenset({"unfulfilled"}),
                    "partial": frozenset({"partially_fulfilled"}),
                },
            ),
            "return_status": TextField(read=lambda c: (c.record.return_status,)),
            "test": BooleanField(lambda c: bool(c.record.is_test)),
            "customer_id": NumberField(lambda c: _customer_id(shop, c.record)),
            "tag": TextField(read=lambda c: c.record.tags),
            "sku": TextField(read=lambda c: (line.sku for line in c.record.line_items)),
            "source_name": TextField(read=lambda c: (c.record.source_name,)),
            "discount_code": TextField(read=lambda c: c.record.discount_codes),
            "gateway": TextField(read=lambda c: c.record.gateways),
            "po_number": TextField(read=lambda c: (c.record.po_number,)),
            "current_total_price": NumberField(lambda c: c.record.totals.current_total.shop),
        },
        unsimulated=frozenset(
            """cart_token channel channel_id chargeback_status checkout_token delivery_method
            fraud_protection_level fulfillment_location_id location_id payment_id
            payment_provider_id reference_location_id risk_level sales_channel source_identifier
            subtotal_line_items_quantity total_weight""".split()  # noqa: SIM905 - a list of names
        ),
        default=TextField(read=_words, is_tokenized=True),
    )


def processed_at_seconds(shop: SimulatedShop, index: int) -> int:
    """When an order was sold, without making the order unless it was edited."""
    if shop.order_set.is_edited(index):
        return int(shop.order(index).processed_at.timestamp())
    return shop.timelines.timeline(index).processed


def _statuses(candidate: Candidate) -> tuple[str, ...]:
    order: Order = candidate.record
    if order.cancelled_at is not None:
        return ("cancelled",)
    return ("closed",) if order.closed_at is not None else ("open", "not_closed")


def _customer_id(shop: SimulatedShop, order: Order) -> int | None:
    index = order.customer_index
    return None if index is None else shop.ids.customers.id_of(index)


def _words(candidate: Candidate) -> tuple[str | None, ...]:
    order: Order = candidate.record
    billing = order.billing_address
    return (
        order.name,
        str(order.number),
        order.email,
        None if billing is None else billing.name,
        *order.tags,
        *(line.sku for line in order.line_items),
    )
