"""Customers as documents."""

from sync_engine.model.filters import CustomerFilter, CustomerSort
from sync_engine.model.records import Customer
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import Document
from sync_engine.store.records.kind import RecordKind, equalities, time_range


def _conditions(wanted: CustomerFilter) -> Document:
    conditions = {
        **time_range("created_at", wanted.created),
        **time_range("updated_at", wanted.updated),
        **equalities(
            {"email": wanted.email, "tags": wanted.tag, "country_code": wanted.country_code}
        ),
    }
    if wanted.min_orders is not None:
        conditions["number_of_orders"] = {"$gte": wanted.min_orders}
    return conditions


CUSTOMERS = RecordKind(
    resource=Resource.CUSTOMERS,
    collection="customers",
    record_type=Customer,
    conditions=_conditions,
    sort_fields={
        CustomerSort.CREATED_AT: "created_at",
        CustomerSort.UPDATED_AT: "updated_at",
        CustomerSort.AMOUNT_SPENT: "amount_spent",
    },
)
