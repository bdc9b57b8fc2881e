"""Loads the customers of orders."""

from strawberry.dataloader import DataLoader

from gateway.graphql.loaders.records import RecordKey, record_loader
from sync_engine.model.records import Customer
from sync_engine.store.store import Store


def customer_loader(store: Store) -> DataLoader[RecordKey, Customer | None]:
    """Return a loader of customers by shop and number."""
    return record_loader(store, lambda shop: shop.customers)
