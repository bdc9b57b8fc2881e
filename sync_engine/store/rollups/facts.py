"""What is read of stored orders where only the rollups need them."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from sync_engine.model.kpi.definitions import add_customer, add_order
from sync_engine.model.kpi.facts import OrderFacts, Visit
from sync_engine.model.kpi.rollups import Rollups, exactly
from sync_engine.store.codec import Document, from_document

ORDER_FIELDS = (
    "processed_at",
    "test",
    "taxes_included",
    "shipping_charged",
    "total_tax",
    "source_name",
    "country_code",
    "customer_id",
    "line_items",
    "refunds",
)
VISIT_FIELDS = (
    "customer_id",
    "processed_at",
    "test",
    "net_sold",
    "refunds.created_at",
    "refunds.line_items.subtotal",
)


def known_order(document: Document | None) -> OrderFacts | None:
    """Return what the rollups hold of a stored order; None of a deleted one, or of none."""
    if document is None or "deleted_at" in document:
        return None
    return decode_facts(document)


def decode_facts(document: Document) -> OrderFacts:
    """Return the facts of an order that was read with ``ORDER_FIELDS``, or whole."""
    return from_document({**document, "id": document["_id"]["id"]}, OrderFacts)


def decode_visit(document: Document) -> Visit | None:
    """Return the visit of an order that was read with ``VISIT_FIELDS``; None of a test order."""
    if document["test"]:
        return None
    returns = tuple(
        (refund["created_at"], sum(line["subtotal"] for line in refund["line_items"]))
        for refund in document["refunds"]
        if refund["line_items"]
    )
    return Visit(document["processed_at"], document["net_sold"], returns)


@exactly
def rollups_of_orders(orders: Iterable[OrderFacts], zone: tzinfo) -> Rollups:
    """Return what orders contribute, each by itself."""
    rollups = Rollups()
    for order in orders:
        add_order(rollups, order, zone)
    rollups.add_months()
    return rollups


@exactly
def rollups_of_customers(customers: Iterable[Sequence[Visit]], zone: tzinfo) -> Rollups:
    """Return what customers contribute, from all the visits of each."""
    rollups = Rollups()
    for visits in customers:
        add_customer(rollups, visits, zone)
    rollups.add_months()
    return rollups
