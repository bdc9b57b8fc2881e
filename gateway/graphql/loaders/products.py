"""Loads the products of order lines."""

from strawberry.dataloader import DataLoader

from gateway.graphql.loaders.records import RecordKey, record_loader
from sync_engine.model.records import Product
from sync_engine.store.store import Store


def product_loader(store: Store) -> DataLoader[RecordKey, Product | None]:
    """Return a loader of products by shop and number."""
    return record_loader(store, lambda shop: shop.products)
