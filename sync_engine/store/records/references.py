"""Follows what the end of one record changes in others, as Shopify shows them from then on.

Shopify does not move an order's ``updated_at`` when its product or variant is deleted or its
customer merged, so no later read of changes would tell.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from sync_engine.model.kpi.facts import without_products
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.scoped import ScopedCollection


class OrderReferences:
    """What orders of one shop refer to. Works inside a transaction only."""

    def __init__(self, orders: ScopedCollection) -> None:
        """Take the ``orders`` collection as one shop sees it."""
        self._orders = orders

    async def forget_products(
        self, numbers: Collection[int], session: Session, ledger: OrderLedger
    ) -> None:
        """Let lines of deleted products refer to none."""
        known = await ledger.orders_where({"line_items.product_id": {"$in": list(numbers)}})
        for number, order in known.items():
            ledger.note(number, order, without_products(order, numbers))
        gone: Document = {"product_id": None, "variant_id": None}
        await self._change_lines(
            {"$in": ["$$line.product_id", list(numbers)]}, gone, session, numbers
        )

    async def forget_variants(
        self, products: Collection[int], variants: Collection[int], session: Session
    ) -> None:
        """Let lines of variants that these products have lost refer to the product alone."""
        is_gone = {"$in": ["$$line.variant_id", list(variants)]}
        await self._change_lines(is_gone, {"variant_id": None}, session, products)

    async def move_customer(
        self, number: int, to: int | None, session: Session, ledger: OrderLedger
    ) -> None:
        """Give the orders of a customer to another, or to none."""
        for order_number, order in (await ledger.orders_where({"customer_id": number})).items():
            moved = msgspec.structs.replace(order, customer_id=to)
            ledger.note(order_number, order, moved)
        await self._orders.update_many(
            {"customer_id": number}, [{"$set": {"customer_id": to}}], session=session
        )

    async def doubt_customers(self, numbers: Collection[int], session: Session) -> None:
        """Mark the orders of deleted customers as outdated: a comparison reads them anew."""
        await self._orders.update_many(
            {"customer_id": {"$in": list(numbers)}},
            [{"$set": {"is_outdated": True}}],
            session=session,
        )

    async def _change_lines(
        self, condition: Document, change: Document, session: Session, products: Collection[int]
    ) -> None:
        changed: Any = {"$mergeObjects": ["$$line", change]}
        line = {"$cond": [condition, changed, "$$line"]}
        lines = {"$map": {"input": "$line_items", "as": "line", "in": line}}
        await self._orders.update_many(
            {"line_items.product_id": {"$in": list(products)}},
            [{"$set": {"line_items": lines}}],
            session=session,
        )
