"""All loaders of one operation. They remember what they read, so they must not outlive it."""

from dataclasses import dataclass

from strawberry.dataloader import DataLoader

from gateway.graphql.loaders.customers import customer_loader
from gateway.graphql.loaders.products import product_loader
from gateway.graphql.loaders.records import RecordKey
from gateway.graphql.loaders.shops import shop_loader
from sync_engine.engine import Engine
from sync_engine.model.records import Customer, Product
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaders:
    """Each loads by key; what is not stored is None."""

    shops: DataLoader[ShopDomain, Shop | None]
    customers: DataLoader[RecordKey, Customer | None]
    products: DataLoader[RecordKey, Product | None]


def fresh_loaders(engine: Engine) -> Loaders:
    """Return loaders that have read nothing yet."""
    store = engine.store
    return Loaders(
        shops=shop_loader(engine),
        customers=customer_loader(store),
        products=product_loader(store),
    )
