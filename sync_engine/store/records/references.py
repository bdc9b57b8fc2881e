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
from sync_engine.store.records.gone_references import GoneReferences
from sync_engine.store.records.kind import document_id
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.scoped import ScopedCollection


class OrderReferences:
    """What orders of one shop refer to. Works inside a transaction only."""

    def __init__(
        self, orders: ScopedCollection, customers: ScopedCollection, products: ScopedCollection
    ) -> None:
        """Take the collections as one shop sees them."""
        self._orders = orders
        self.gone = GoneReferences(customers, products)

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
        self,
        number: int,
        to: int | None,
        session: Session,
        ledger: OrderLedger,
        *,
        only: Collection[int] | None = None,
    ) -> None:
        """Give the orders of a customer, or some of them, to another or to none."""
        condition: Document = {"customer_id": number}
        if only is not None:
            keys = [document_id(self._orders.shop, order) for order in sorted(only)]
            condition["_id"] = {"$in": keys}
        for order_number, order in (await ledger.orders_where(condition)).items():
            moved = msgspec.structs.replace(order, customer_id=to)
            ledger.note(order_number, order, moved)
        await self._orders.update_many(condition, [{"$set": {"customer_id": to}}], session=session)

    async def drop_tags(self, number: int, tags: Collection[str], session: Session) -> None:
        """Take tags off the orders of a customer."""
        kept = {"$filter": {"input": "$tags", "cond": {"$not": {"$in": ["$$this", list(tags)]}}}}
        await self._orders.update_many(
            {"customer_id": number, "tags": {"$in": list(tags)}},
            [{"$set": {"tags": kept}}],
            session=session,
        )

    async def customers_of(self, orders: Collection[int], session: Session) -> set[int]:
        """Return the customers to whom these orders belong, as far as they are stored."""
        keys = [document_id(self._orders.shop, number) for number in sorted(orders)]
        found = self._orders.find_by_id({"$in": keys}, session=session)
        customers = {document.get("customer_id") async for document in found}
        return {number for number in customers if number is not None}

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
