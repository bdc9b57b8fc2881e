"""Loads shops by domain, from memory while they do not change. Decides nothing about access."""

from collections.abc import Sequence
from functools import partial

from strawberry.dataloader import DataLoader

from sync_engine.engine import Engine
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain


def shop_loader(engine: Engine) -> DataLoader[ShopDomain, Shop | None]:
    """Return a loader that gives None for a shop that was never connected."""

    async def load(domains: Sequence[ShopDomain]) -> list[Shop | None]:
        get = engine.store.shops.get
        return [await engine.cache.get(domain, "shop", partial(get, domain)) for domain in domains]

    return DataLoader(load)
