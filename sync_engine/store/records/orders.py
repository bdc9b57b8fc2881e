"""Orders as documents, their lines and refunds inside."""

from sync_engine.model.filters import OrderFilter, OrderSort
from sync_engine.model.kpi.facts import net_sold
from sync_engine.model.kpi.rollups import exactly
from sync_engine.model.records import LineItem, Order
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import Document, stored_amount
from sync_engine.store.records.kind import ChildList, RecordKind, equalities, time_range


def _conditions(wanted: OrderFilter) -> Document:
    conditions = {
        **time_range("created_at", wanted.created),
        **time_range("updated_at", wanted.updated),
        **equalities(
            {
                "customer_id": wanted.customer_id,
                "line_items.product_id": wanted.product_id,
                "financial_status": wanted.financial_status,
                "fulfillment_status": wanted.fulfillment_status,
                "name": wanted.name,
                "tags": wanted.tag,
                "test": wanted.test,
            }
        ),
    }
    if wanted.cancelled is not None:
        conditions["cancelled_at"] = {"$type": "date"} if wanted.cancelled else None
    return conditions


@exactly
def _derived(order: Order) -> Document:
    return {"net_sold": stored_amount(net_sold(order))}


ORDERS = RecordKind(
    resource=Resource.ORDERS,
    collection="orders",
    record_type=Order,
    conditions=_conditions,
    sort_fields={
        OrderSort.CREATED_AT: "created_at",
        OrderSort.UPDATED_AT: "updated_at",
        OrderSort.TOTAL_PRICE: "total_price",
    },
    derive=_derived,
    children=ChildList(field="line_items", child_type=LineItem, order_by=lambda line: (line.id,)),
)
