"""One simulated shop: everything it holds, generated on demand, under a layer of edits.

This is the truth that all transports serve and that tests compare with:

    shop = SimulatedShop(ShopSpec.parse("demo:orders=1000"))
    shop.order(0).totals.total.shop        # a Decimal
    for customer in shop.customers(): ...

It knows nothing of HTTP, tokens, limits or the present time.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b

from msgspec import structs

from sync_engine.simulator.countries import COUNTRIES
from sync_engine.simulator.currency import CURRENCIES
from sync_engine.simulator.generate import people
from sync_engine.simulator.generate.assignment import Assignment
from sync_engine.simulator.generate.calendar import DAY_SECONDS, Calendar, utc
from sync_engine.simulator.generate.customers import CustomerGenerator
from sync_engine.simulator.generate.ids import ShopIds
from sync_engine.simulator.generate.orders import OrderGenerator
from sync_engine.simulator.generate.people import Person
from sync_engine.simulator.generate.products import ProductGenerator
from sync_engine.simulator.generate.timeline import Timelines
from sync_engine.simulator.randomness import RandomStream
from sync_engine.simulator.record_set import RecordSet
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.money import Money
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.product import Product
from sync_engine.simulator.records.shop_profile import ShopProfile
from sync_engine.simulator.spec import ShopSpec

_NOT_COUNTED = -1
_NOT_KNOWN = -2
_SALT = 71
_PLAN_NAMES = {
    "standard": "Basic",
    "advanced": "Advanced",
    "plus": "Shopify Plus",
    "enterprise": "Shopify Plus",
    "unmetered": "Shopify Plus",
}


class RecordGoneError(LookupError):
    """There is no record at that index: it was deleted, or never made."""


class SimulatedShop:
    """The records of a shop, by index.

    Attributes:
        order_set, product_set, customer_set: The same records for readers who search and page.
            A customer in `customer_set` does not know its orders; `customer` adds them.
    """

    def __init__(self, spec: ShopSpec) -> None:
        self.spec = spec
        self.ids = ShopIds.of(spec)
        self.calendar = Calendar(spec)
        self.currency = CURRENCIES[spec.currency]
        self._assignment = Assignment(spec)
        self.timelines = Timelines(spec, self.calendar)
        self.product_generator = ProductGenerator(spec, self.ids, self.calendar)
        self.customer_generator = CustomerGenerator(
            spec, self.ids, self.calendar, self._assignment, self.timelines
        )
        self.order_generator = OrderGenerator(
            spec,
            self.ids,
            assignment=self._assignment,
            timelines=self.timelines,
            products=self.product_generator,
            customers=self.customer_generator,
        )
        self.order_set: RecordSet[Order] = RecordSet(
            spec.orders,
            self.order_generator.order,
            created=self.timelines.created_at_seconds,
            updated=lambda index: self.timelines.timeline(index).updated,
            view=self._without_gone_goods,
        )
        self.product_set: RecordSet[Product] = RecordSet(
            spec.products,
            self.product_generator.product,
            created=self.product_generator.created_at_seconds,
            updated=self.product_generator.updated_at_seconds,
        )
        self.customer_set: RecordSet[Customer] = RecordSet(
            spec.customers,
            lambda index: self.customer_generator.customer(
                index, last_order=self._last_generated_order(index)
            ),
            created=self.customer_generator.created_at_seconds,
            updated=lambda index: self.customer_generator.updated_at_seconds(
                index, self._last_generated_order(index)
            ),
        )
        self.profile = self._profile()
        self._spent = array("q")
        self._edited_orders_of: defaultdict[int, set[int]] = defaultdict(set)
        self._gone_products: set[int] = set()
        self._gone_variants: set[int] = set()

    def customer(self, index: int) -> Customer:
        """A customer with what its orders add up to.

        Raises:
            RecordGoneError: There is none at this index.
        """
        customer = self.customer_set.get(index)
        if customer is None:
            raise RecordGoneError(index)
        return self.with_history(customer)

    def product(self, index: int) -> Product:
        """A product with its variants.

        Raises:
            RecordGoneError: There is none at this index.
        """
        product = self.product_set.get(index)
        if product is None:
            raise RecordGoneError(index)
        return product

    def order(self, index: int) -> Order:
        """An order with all that belongs to it.

        Raises:
            RecordGoneError: There is none at this index.
        """
        order = self.order_set.get(index)
        if order is None:
            raise RecordGoneError(index)
        return order

    def customers(self) -> Iterator[Customer]:
        """All customers, by id."""
        return map(self.with_history, self.customer_set)

    def products(self) -> Iterator[Product]:
        """All products, by id."""
        return iter(self.product_set)

    def orders(self) -> Iterator[Order]:
        """All orders, by id; test orders and cancelled ones included."""
        return iter(self.order_set)

    def orders_of(self, customer: int) -> list[int]:
        """Indexes of a customer's orders, oldest first."""
        found = {
            order
            for order in self._generated_orders_of(customer)
            if not self.order_set.is_edited(order)
        }
        return sorted(found | self._edited_orders_of[customer])

    def put_order(self, order: Order, *, updated: int, created: int | None = None) -> None:
        """Replace an order or add one; customers' histories follow."""
        self._forget_owner(order.index)
        self.order_set.put(order, updated=updated, created=created)
        if order.customer_index is not None:
            self._edited_orders_of[order.customer_index].add(order.index)

    def delete_order(self, index: int) -> None:
        """Remove an order; customers' histories follow."""
        self._forget_owner(index)
        self.order_set.delete(index)

    def delete_product(self, index: int) -> None:
        """Remove a product; lines of orders that sold it no longer point at it."""
        product = self.product(index)
        self._gone_products.add(product.id)
        self._gone_variants.update(variant.id for variant in product.variants)
        self.product_set.delete(index)

    def forget_variant(self, id_: int) -> None:
        """Let lines of orders no longer point at a variant that its product lost."""
        self._gone_variants.add(id_)

    def clear_edits(self) -> None:
        """Go back to the shop as generated."""
        self.profile = self._profile()
        self._gone_products.clear()
        self._gone_variants.clear()
        self.order_set.clear_edits()
        self.product_set.clear_edits()
        self.customer_set.clear_edits()
        self._edited_orders_of.clear()

    def edits_digest(self) -> str:
        """Text that tells edited states of the shop apart; empty for the shop as generated."""
        digest = blake2b(digest_size=8)
        is_edited = False
        for name, records in (
            ("order", self.order_set),
            ("product", self.product_set),
            ("customer", self.customer_set),
        ):
            for index in records.edited_indexes():
                is_edited = True
                changed = records.updated_at_seconds(index)
                digest.update(repr((name, index, changed, records.get(index))).encode())
        return digest.hexdigest() if is_edited else ""

    def with_history(self, customer: Customer) -> Customer:
        """The customer with number of orders, amount spent and last order filled in."""
        count, spent, last = 0, 0, None
        for index in self.orders_of(customer.index):
            amount = self._spent_on(index)
            if amount != _NOT_COUNTED:
                count, spent, last = count + 1, spent + amount, index
        return structs.replace(
            customer,
            number_of_orders=count,
            amount_spent=Money(spent, self.currency),
            last_order_id=None if last is None else self.ids.orders.id_of(last),
        )

    def _without_gone_goods(self, order: Order) -> Order:
        products, variants = self._gone_products, self._gone_variants
        if not any(
            line.variant_id in variants or line.product_id in products for line in order.line_items
        ):
            return order
        lines = tuple(
            structs.replace(
                line,
                product_id=None if line.product_id in products else line.product_id,
                variant_id=None if line.variant_id in variants else line.variant_id,
            )
            for line in order.line_items
        )
        return structs.replace(order, line_items=lines)

    def _forget_owner(self, index: int) -> None:
        if self.order_set.is_edited(index):
            before = self.order_set.get(index)
            if before is not None and before.customer_index is not None:
                self._edited_orders_of[before.customer_index].discard(index)

    def _generated_orders_of(self, customer: int) -> list[int]:
        return self._assignment.orders_of(customer) if customer < self.spec.customers else []

    def _last_generated_order(self, customer: int) -> int | None:
        orders = self._assignment.orders_of(customer)
        return orders[-1] if orders else None

    def _spent_on(self, index: int) -> int:
        """Net payment of an order in minor units; `_NOT_COUNTED` for a test order."""
        if self.order_set.is_edited(index):
            return _net_payment(self.order(index))
        if not self._spent:
            self._spent = array("q", (_NOT_KNOWN,)) * self.spec.orders
        amount = self._spent[index]
        if amount == _NOT_KNOWN:
            made = self.order_generator.net_payment(index)
            amount = self._spent[index] = _NOT_COUNTED if made is None else made
        return amount

    def _profile(self) -> ShopProfile:
        spec = self.spec
        draw = RandomStream(spec.seed, _SALT, 0)
        created = utc(self.calendar.start - 400 * DAY_SECONDS)
        address = people.address(
            draw,
            id_=self.ids.shop,
            model_name="ShopAddress",
            who=Person(None, None),
            country=COUNTRIES[spec.country],
        )
        others = (CURRENCIES[code] for code in spec.presentment if code != spec.currency)
        return ShopProfile(
            id=self.ids.shop,
            name=spec.name.replace("-", " ").title(),
            domain=spec.domain,
            email=f"owner@{spec.name}.example",
            plan=_PLAN_NAMES[spec.plan],
            is_plus=spec.plan in {"plus", "enterprise", "unmetered"},
            currency=self.currency,
            presentment_currencies=(self.currency, *others),
            timezone=spec.timezone,
            has_taxes_included=spec.taxes_included,
            is_shipping_taxed=True,
            address=address,
            created_at=created,
            updated_at=created,
        )


def _net_payment(order: Order) -> int:
    return _NOT_COUNTED if order.is_test else order.totals.net_payment.shop_minor
