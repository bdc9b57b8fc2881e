"""Writes edited records into a shop: moves their `updatedAt` and announces what happened."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import structs

from sync_engine.simulator.events import ShopEvent, ShopEvents
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.product import Product
from sync_engine.simulator.shop import SimulatedShop

R = TypeVar("R", Customer, Product, Order)


class EditError(ValueError):
    """An edit that cannot be done."""


class ShopBook:
    """One shop's records at one moment of editing.

    Attributes:
        now: The simulated present in whole seconds.
    """

    def __init__(self, shop: SimulatedShop, events: ShopEvents, now: int) -> None:
        self.shop = shop
        self.now = now
        self._events = events

    def order(self, id_: int) -> Order:
        """An order by id.

        Raises:
            EditError: There is none.
        """
        index = self.shop.ids.orders.index_of(id_)
        order = None if index is None else self.shop.order_set.get(index)
        if order is None:
            msg = f"no order {id_}"
            raise EditError(msg)
        return order

    def product(self, id_: int) -> Product:
        """A product by id.

        Raises:
            EditError: There is none.
        """
        index = self.shop.ids.products.index_of(id_)
        product = None if index is None else self.shop.product_set.get(index)
        if product is None:
            msg = f"no product {id_}"
            raise EditError(msg)
        return product

    def customer(self, id_: int) -> Customer:
        """A customer by id, without what its orders add up to.

        Raises:
            EditError: There is none.
        """
        index = self.shop.ids.customers.index_of(id_)
        customer = None if index is None else self.shop.customer_set.get(index)
        if customer is None:
            msg = f"no customer {id_}"
            raise EditError(msg)
        return customer

    def save_order(self, order: Order, *topics: str, is_new: bool = False) -> Order:
        """Store an order that changed now; its customer changes with it."""
        order = self._stamped(order)
        moment = int(order.updated_at.timestamp())
        created = int(order.created_at.timestamp()) if is_new else None
        self.shop.put_order(order, updated=moment, created=created)
        for topic in topics:
            self.announce(topic, "order", order.id)
        self.touch_owner(order)
        return order

    def keep_order(self, order: Order) -> None:
        """Store an order whose `updatedAt` does not move."""
        self.shop.put_order(order, updated=int(order.updated_at.timestamp()))

    def save_product(self, product: Product, topic: str, *, is_new: bool = False) -> None:
        """Store a product that changed now."""
        product = self._stamped(product)
        created = int(product.created_at.timestamp()) if is_new else None
        moment = int(product.updated_at.timestamp())
        self.shop.product_set.put(product, updated=moment, created=created)
        self.announce(topic, "product", product.id)

    def save_customer(self, customer: Customer, topic: str, *, is_new: bool = False) -> None:
        """Store a customer that changed now."""
        customer = self._stamped(customer)
        created = int(customer.created_at.timestamp()) if is_new else None
        moment = int(customer.updated_at.timestamp())
        self.shop.customer_set.put(customer, updated=moment, created=created)
        self.announce(topic, "customer", customer.id)

    def touch_owner(self, order: Order) -> None:
        """A customer changes when one of its orders does."""
        if order.customer_index is not None:
            customer = self.shop.customer_set.get(order.customer_index)
            if customer is not None:
                self.save_customer(customer, "customers/update")

    def announce(
        self, topic: str, resource: str, id_: int, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Take down an event of the present action."""
        event = ShopEvent(topic=topic, resource=resource, id=id_, at=self.now, detail=detail)
        self._events.announce(event)

    def commit(self) -> None:
        """The present action is complete: tell whoever listens."""
        self._events.commit()

    def _stamped(self, record: R) -> R:
        """The record as changed now; `updatedAt` never goes back."""
        return structs.replace(record, updated_at=max(utc(self.now), record.updated_at))
