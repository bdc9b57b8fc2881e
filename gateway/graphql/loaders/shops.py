"""Loads shops by domain. Decides nothing about who may see them."""

from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import Store


def shop_loader(store: Store) -> DataLoader[ShopDomain, Shop | None]:
    """Return a loader that gives None for a shop that was never connected."""

    async def load(domains: Sequence[ShopDomain]) -> list[Shop | None]:
        found = await store.shops.get_many(set(domains))
        return [found.get(domain) for domain in domains]

    return DataLoader(load)
