"""Follows what the deletion of one record changes in others, as Shopify shows them from then on.

Shopify does not move an order's ``updated_at`` when its product is deleted or its customer merged,
so no later read would tell.
"""

from collections.abc import Collection

from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection


class OrderReferences:
    """What orders of one shop refer to. Works inside a transaction only."""

    def __init__(self, orders: ScopedCollection) -> None:
        """Take the ``orders`` collection as one shop sees it."""
        self._orders = orders

    async def forget_products(self, numbers: Collection[int], session: Session) -> None:
        """Let lines of deleted products refer to none."""
        is_gone = {"$in": ["$$line.product_id", list(numbers)]}
        line = {
            "$cond": [
                is_gone,
                {"$mergeObjects": ["$$line", {"product_id": None, "variant_id": None}]},
                "$$line",
            ]
        }
        lines = {"$map": {"input": "$line_items", "as": "line", "in": line}}
        await self._orders.update_many(
            {"line_items.product_id": {"$in": list(numbers)}},
            [{"$set": {"line_items": lines}}],
            session=session,
        )

    async def move_customer(self, number: int, to: int | None, session: Session) -> None:
        """Give the orders of a customer to another, or to none."""
        await self._orders.update_many(
            {"customer_id": number}, [{"$set": {"customer_id": to}}], session=session
        )
