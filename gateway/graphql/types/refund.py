"""What was given back of an order."""

from datetime import datetime

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.ids import global_id
from gateway.graphql.types.money import Money, money
from sync_engine.model import records


@api_type
class RefundLineItem:
    """A line of an order that was given back, as a whole or in part."""

    line_item_id: strawberry.ID = strawberry.field(description="The order's line.")
    quantity: int = strawberry.field(description="How many were given back.")
    subtotal: Money = strawberry.field(
        description="What they had cost after discounts, without taxes unless prices include them."
    )


@api_type
class Refund:
    """What was given back of an order at one time."""

    id: strawberry.ID = strawberry.field(description="Shopify's global id.")
    created_at: datetime = strawberry.field(description="When it was given back.")
    total: Money = strawberry.field(description="The money that was given back in all.")
    line_items: list[RefundLineItem] = strawberry.field(description="The lines given back.")


def refund_of(record: records.Refund, currency: str) -> Refund:
    """Return a stored refund as the API shows it; amounts are in the shop's currency."""
    return Refund(
        id=global_id("Refund", record.id),
        created_at=record.created_at,
        total=money(record.total, currency),
        line_items=[
            RefundLineItem(
                line_item_id=global_id("LineItem", line.line_item_id),
                quantity=line.quantity,
                subtotal=money(line.subtotal, currency),
            )
            for line in record.line_items
        ],
    )
