"""Random lives of simulated shops, and the ways in which news of them may reach the store."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

from sync_engine.model.batch import Batch, LooseChild
from sync_engine.model.records import Order
from sync_engine.model.shop_change import Merger, ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.simulator.edits import requests
from sync_engine.simulator.edits.apply import apply_edit
from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.churn import Churn, NoSuchRecordError
from sync_engine.simulator.events import ShopEvents
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.spec import ShopSpec
from tests.truth import expected_order, expected_records

EXPORT = "gid://shopify/BulkOperation/1"

SPECS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6),
        "customers": st.integers(1, 12),
        "products": st.integers(1, 8),
        "orders": st.integers(1, 40),
        "currency": st.sampled_from(["USD", "EUR", "JPY", "KWD"]),
        "timezone": st.sampled_from(
            ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "UTC"]
        ),
        "taxes_included": st.sampled_from(["true", "false"]),
        "start": st.sampled_from(["2026-10-10", "2026-02-20", "2024-10-20"]),
        "end": st.just("2026-10-24"),
    }
)


def simulated(name: str, spec: dict[str, Any]) -> SimulatedShop:
    keys = ":".join(f"{key}={value}" for key, value in spec.items())
    return SimulatedShop(ShopSpec.parse(f"{name}:{keys}"))


class Life:
    """A shop that goes on living; each step gives the changes that somebody could tell of it."""

    def __init__(self, shop: SimulatedShop, seed: int) -> None:
        self.shop = shop
        self.now = shop.calendar.end
        self._random = Random(seed)
        self._churn = Churn(shop, seed)
        self._customers = {customer.index: customer.id for customer in shop.customers()}

    def step(self) -> list[ShopChange]:
        """Let something happen, some hours later; returns what changed."""
        self.now += self._random.randrange(1, 40_000)
        events = ShopEvents()
        try:
            edit = self._edit()
            apply_edit(ShopBook(self.shop, events, self.now), edit)
        except (EditError, NoSuchRecordError):
            return []
        self._customers |= {customer.index: customer.id for customer in self.shop.customers()}
        changes = []
        for event in events.past:
            match event.topic.split("/"):
                case ["orders", "delete"]:
                    changes.append(self._gone(Resource.ORDERS, event.id))
                case ["products", "delete"]:
                    changes.append(self._gone(Resource.PRODUCTS, event.id))
                case ["customers", "merge"]:
                    assert event.detail is not None
                    removed = event.detail["removed_id"]
                    merger = Merger(kept=event.id, removed=removed)
                    gone = self._gone(Resource.CUSTOMERS, removed)
                    changes.append(msgspec.structs.replace(gone, mergers=(merger,)))
                case ["orders" | "refunds", _]:
                    changes += self._told(event.id)
        return changes

    def everything(self) -> list[ShopChange]:
        """What a reconciliation finds: everything as it is, read anew."""
        _, products, orders = expected_records(self.shop)
        tomorrow = utc(self.now) + timedelta(days=1)
        return [
            ShopChange(resource=resource, batch=batch_of(list(found), tomorrow, reread=True))
            for resource, found in ((Resource.PRODUCTS, products), (Resource.ORDERS, orders))
        ]

    def _edit(self) -> requests.Edit:
        if self._random.random() < 0.1:
            order_ids = [order.id for order in self.shop.orders()]
            if order_ids:
                order_id = self._random.choice(order_ids)
                return requests.Refund(id=order_id, adjustment=Decimal(-1))
        if self._random.random() < 0.05:
            for order in self.shop.orders():
                return requests.Update(
                    resource="order", id=order.id, set={"is_test": not order.is_test}
                )
        return self._churn.draw()

    def _told(self, number: int) -> list[ShopChange]:
        index = self.shop.ids.orders.index_of(number)
        order = None if index is None else self.shop.order_set.get(index)
        if order is None:
            return []
        owner = order.customer_index
        record = expected_order(order, None if owner is None else self._customers[owner])
        return [ShopChange(resource=Resource.ORDERS, batch=batch_of([record], utc(self.now)))]

    def _gone(self, resource: Resource, number: int) -> ShopChange:
        return ShopChange(resource=resource, batch=batch_of([], utc(self.now), deleted=(number,)))


def batch_of(records: list[Any], observed_at: datetime, **changes: Any) -> Batch:
    fields: dict[str, Any] = {
        "records": tuple(records),
        "loose_children": (),
        "rejects": (),
        "observed_at": observed_at,
        "checkpoint": {},
    }
    return Batch(**(fields | changes))


def exported(orders: list[Order], observed_at: datetime, random: Random) -> Iterator[Batch]:
    """The same orders as a bulk export may bring them: lines before, with or after their order."""
    for place in range(0, len(orders), 7):
        some = orders[place : place + 7]
        loose = [
            LooseChild(parent_id=order.id, child=line)
            for order in some
            for line in order.line_items[1:]
        ]
        bare = [msgspec.structs.replace(order, line_items=order.line_items[:1]) for order in some]
        parts = [
            batch_of(bare, observed_at, export_id=EXPORT),
            batch_of([], observed_at, export_id=EXPORT, loose_children=tuple(loose)),
        ]
        random.shuffle(parts)
        yield from parts
