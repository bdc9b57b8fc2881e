"""Random edits of every kind, as a shop's life brings them. The same seed gives the same edits."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from sync_engine.simulator.edits import requests
from sync_engine.simulator.edits.order_edits import PAYABLE
from sync_engine.simulator.edits.requests import Edit, Resource
from sync_engine.simulator.record_set import RecordSet
from sync_engine.simulator.records.line_item import LineItem
from sync_engine.simulator.shop import SimulatedShop

_TRIES = 50
_TEXTS = ("", "plain", "“Größe” 🖊", "two\nlines", "a, b", "<b>&amp;</b>", "x" * 300)


class NoSuchRecordError(LookupError):
    """The shop has (nearly) nothing left that such an edit could hit."""


class Churn:
    """Draws edits for a shop as it is at each moment; not all of them turn out to be possible."""

    def __init__(self, shop: SimulatedShop, seed: int) -> None:
        self._shop = shop
        self._random = Random(seed)  # noqa: S311 - reproducible edits, no secret
        kinds: tuple[tuple[int, Callable[[], Edit]], ...] = (
            (12, self._create_order),
            (10, self._update_order),
            (6, lambda: requests.Touch(resource="order", id=self._order_id())),
            (10, self._refund),
            (5, self._pay),
            (5, lambda: requests.Fulfil(id=self._order_id())),
            (4, lambda: requests.Cancel(id=self._order_id(), refund=self._chance(50))),
            (3, lambda: requests.Close(id=self._order_id())),
            (5, lambda: requests.Delete(resource="order", id=self._order_id())),
            (8, self._edit_lines),
            (6, lambda: requests.Create(resource="customer")),
            (8, self._update_customer),
            (3, self._delete_customer),
            (3, self._merge),
            (1, lambda: requests.Erase(id=self._customer_id())),
            (4, lambda: requests.Create(resource="product")),
            (8, self._update_product),
            (8, self._edit_variant),
            (2, lambda: requests.AddVariants(product_id=self._product_id(), count=2)),
            (2, self._remove_variant),
            (3, lambda: requests.Delete(resource="product", id=self._product_id())),
        )
        self._weights = [weight for weight, _ in kinds]
        self._makers = [make for _, make in kinds]

    def draw(self) -> Edit:
        """The next edit to try.

        Raises:
            NoSuchRecordError: It needs a record of a kind that is not left.
        """
        return self._random.choices(self._makers, self._weights)[0]()

    def wait(self, longest_seconds: float) -> float:
        """How long to wait before it."""
        return self._random.random() * longest_seconds

    def _create_order(self) -> Edit:
        is_guest = self._chance(20) or not len(self._shop.customer_set)
        customer = None if is_guest else self._customer_id()
        return requests.Create(resource="order", customer_id=customer)

    def _pay(self) -> Edit:
        for _ in range(_TRIES):
            order = self._shop.order(self._pick(self._shop.order_set))
            if order.financial_status in PAYABLE:
                return requests.Pay(id=order.id)
        raise NoSuchRecordError

    def _update_order(self) -> Edit:
        values = {"note": self._text(), "tags": self._tags(), "po_number": self._text()}
        return self._update("order", self._order_id(), values)

    def _update_customer(self) -> Edit:
        values = {
            "first_name": self._text(),
            "last_name": self._text(),
            "email": f"someone{self._random.randrange(10**6)}@example.com",
            "note": self._text(),
            "tags": self._tags(),
        }
        return self._update("customer", self._customer_id(), values)

    def _update_product(self) -> Edit:
        values = {
            "title": self._text() or "Untitled",
            "vendor": self._text(),
            "tags": self._tags(),
            "status": self._random.choice(("ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED")),
        }
        return self._update("product", self._product_id(), values)

    def _update(self, resource: Resource, id_: int, values: dict[str, Any]) -> Edit:
        """Sets some of the values."""
        names = self._random.sample(sorted(values), self._random.randint(1, len(values)))
        return requests.Update(resource=resource, id=id_, set={n: values[n] for n in names})

    def _refund(self) -> Edit:
        order = self._shop.order(self._pick(self._shop.order_set))
        line = self._line(order.line_items)
        return requests.Refund(
            id=order.id,
            lines=[requests.RefundedLine(line_item_id=line.id, quantity=1)],
            shipping_share=self._random.choice(((0, 1), (1, 2), (1, 1))),
            restock_type=self._random.choice(("RETURN", "NO_RESTOCK", "CANCEL")),
            note=self._text(),
        )

    def _edit_lines(self) -> Edit:
        order = self._shop.order(self._pick(self._shop.order_set))
        if self._chance(50):
            line = self._line(order.line_items)
            removed = requests.RefundedLine(line_item_id=line.id, quantity=1)
            return requests.EditLines(id=order.id, remove=[removed])
        product = self._shop.product(self._pick(self._shop.product_set))
        variant = self._random.choice(product.variants)
        quantity = self._random.randint(1, 4)
        added = requests.AddedLine(variant_id=variant.id, quantity=quantity)
        return requests.EditLines(id=order.id, add=[added])

    def _delete_customer(self) -> Edit:
        for _ in range(_TRIES):
            index = self._pick(self._shop.customer_set)
            if not self._shop.orders_of(index):
                return requests.Delete(
                    resource="customer", id=self._shop.ids.customers.id_of(index)
                )
        raise NoSuchRecordError

    def _merge(self) -> Edit:
        return requests.Merge(keep_id=self._customer_id(), remove_id=self._customer_id())

    def _edit_variant(self) -> Edit:
        product = self._shop.product(self._pick(self._shop.product_set))
        variant = self._random.choice(product.variants)
        fields = requests.VariantFields(
            price=Decimal(self._random.randrange(100_000)).scaleb(-2),
            sku=self._random.choice((None, "SKU-1", "ß-2")),
            inventory_quantity=self._random.randint(-5, 500),
        )
        return requests.EditVariant(product_id=product.id, variant_id=variant.id, set=fields)

    def _remove_variant(self) -> Edit:
        product = self._shop.product(self._pick(self._shop.product_set))
        variant = self._random.choice(product.variants)
        return requests.RemoveVariant(product_id=product.id, variant_id=variant.id)

    def _chance(self, percent: int) -> bool:
        return self._random.random() * 100 < percent

    def _order_id(self) -> int:
        return self._shop.ids.orders.id_of(self._pick(self._shop.order_set))

    def _customer_id(self) -> int:
        return self._shop.ids.customers.id_of(self._pick(self._shop.customer_set))

    def _product_id(self) -> int:
        return self._shop.ids.products.id_of(self._pick(self._shop.product_set))

    def _pick(self, records: RecordSet[Any]) -> int:
        for _ in range(_TRIES):
            index = self._random.randrange(records.end) if records.end else -1
            if records.exists(index):
                return index
        raise NoSuchRecordError

    def _line(self, lines: tuple[LineItem, ...]) -> LineItem:
        if not lines:
            raise NoSuchRecordError
        return self._random.choice(lines)

    def _text(self) -> str:
        return self._random.choice(_TEXTS)

    def _tags(self) -> list[str]:
        return self._random.sample(["vip", "été", "a b", "x"], self._random.randint(0, 3))
