"""Finds single records by id, whatever kind they are."""

from collections.abc import Callable
from typing import Any

from sync_engine.simulator.generate.ids import (
    ADDRESSES_PER_CUSTOMER,
    LINES_PER_ORDER,
    REFUNDS_PER_ORDER,
    TRANSACTIONS_PER_ORDER,
    VARIANTS_PER_PRODUCT,
    IdSpace,
)
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.lazy import LazyRecord
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.product import Product, ProductVariant
from sync_engine.simulator.records.refund import Refund
from sync_engine.simulator.shop import SimulatedShop


class Lookup:
    """Records of one shop by id; None for ids that nothing has.

    `created_from` hides older orders: an app without `read_all_orders` does not see them.
    """

    def __init__(self, shop: SimulatedShop) -> None:
        self._shop = shop

    def customer(self, id_: int) -> Customer | None:
        """A customer."""
        index = self._shop.ids.customers.index_of(id_)
        customer = None if index is None else self._shop.customer_set.get(index)
        return None if customer is None else self._shop.with_history(customer)

    def product(self, id_: int) -> Product | None:
        """A product."""
        index = self._shop.ids.products.index_of(id_)
        return None if index is None else self._shop.product_set.get(index)

    def order(self, id_: int, created_from: int) -> Order | None:
        """An order."""
        return self._order_at(self._shop.ids.orders.index_of(id_), created_from)

    def variant(self, id_: int) -> ProductVariant | None:
        """A variant of a product."""
        return self._variant_at(self._shop.ids.variants, id_)

    def variant_of_inventory_item(self, id_: int) -> ProductVariant | None:
        """The variant that an inventory item stands for."""
        return self._variant_at(self._shop.ids.inventory_items, id_)

    def lazy_customer(self, index: int | None) -> LazyRecord | None:
        """A customer by index, made only if more than its id is read."""
        if index is None or not self._shop.customer_set.exists(index):
            return None
        id_ = self._shop.ids.customers.id_of(index)
        return LazyRecord("Customer", id_, lambda: self._shop.customer(index))

    def lazy_product(self, id_: int | None) -> LazyRecord | None:
        """A product, made only if more than its id is read."""
        index = None if id_ is None else self._shop.ids.products.index_of(id_)
        if id_ is None or index is None or not self._shop.product_set.exists(index):
            return None
        return LazyRecord("Product", id_, lambda: self._shop.product(index))

    def lazy_variant(self, id_: int | None) -> "LazyRecord | ProductVariant | None":
        """A variant, made only if more than its id is read or its product was edited."""
        index = None if id_ is None else self._shop.ids.variants.index_of(id_)
        if id_ is None or index is None:
            return None
        product = index // VARIANTS_PER_PRODUCT
        if self._shop.product_set.is_edited(product):
            return self.variant(id_)
        if not self._shop.product_set.exists(product):
            return None
        return LazyRecord("ProductVariant", id_, lambda: self.variant(id_))

    def refund(self, id_: int, created_from: int) -> Refund | None:
        """A refund."""
        found = self._in_order(
            self._shop.ids.refunds, REFUNDS_PER_ORDER, id_, created_from, lambda o: o.refunds
        )
        return found if isinstance(found, Refund) else None

    def node(self, type_name: str, id_: int, created_from: int) -> Any:
        """A record of any type that implements Node, or None."""
        finders: dict[str, Callable[[], Any]] = {
            "Customer": lambda: self.customer(id_),
            "Product": lambda: self.product(id_),
            "ProductVariant": lambda: self.variant(id_),
            "Order": lambda: self.order(id_, created_from),
            "Refund": lambda: self.refund(id_, created_from),
            "LineItem": lambda: self._line_item(id_, created_from),
            "OrderTransaction": lambda: self._transaction(id_, created_from),
            "MailingAddress": lambda: self._address(id_, created_from),
            "Shop": lambda: self._shop.profile if id_ == self._shop.ids.shop else None,
        }
        find = finders.get(type_name)
        return None if find is None else find()

    def _line_item(self, id_: int, created_from: int) -> Any:
        space = self._shop.ids.line_items
        return self._in_order(space, LINES_PER_ORDER, id_, created_from, lambda o: o.line_items)

    def _transaction(self, id_: int, created_from: int) -> Any:
        space, count = self._shop.ids.transactions, TRANSACTIONS_PER_ORDER
        return self._in_order(space, count, id_, created_from, lambda o: o.transactions)

    def _order_at(self, index: int | None, created_from: int) -> Order | None:
        if index is None or not self._shop.order_set.exists(index):
            return None
        if self._shop.order_set.created_at_seconds(index) < created_from:
            return None
        return self._shop.order_set.get(index)

    def _in_order(
        self,
        space: IdSpace,
        per_order: int,
        id_: int,
        created_from: int,
        read: Callable[[Order], tuple[Any, ...]],
    ) -> Any:
        index = space.index_of(id_)
        order = self._order_at(None if index is None else index // per_order, created_from)
        if order is None:
            return None
        return next((item for item in read(order) if item.id == id_), None)

    def _variant_at(self, space: IdSpace, id_: int) -> ProductVariant | None:
        index = space.index_of(id_)
        if index is None:
            return None
        product = self._shop.product_set.get(index // VARIANTS_PER_PRODUCT)
        if product is None:
            return None
        wanted = self._shop.ids.variants.id_of(index)
        return next((variant for variant in product.variants if variant.id == wanted), None)

    def _address(self, id_: int, created_from: int) -> Any:
        index = self._shop.ids.customer_addresses.index_of(id_)
        if index is not None:
            customer = self._shop.customer_set.get(index // ADDRESSES_PER_CUSTOMER)
            if customer is not None:
                found = next((a for a in customer.addresses if a.id == id_), None)
                if found is not None:
                    return found
        return self._in_order(
            self._shop.ids.order_addresses,
            2,
            id_,
            created_from,
            lambda o: tuple(a for a in (o.billing_address, o.shipping_address) if a is not None),
        )
