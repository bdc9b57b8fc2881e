"""Loads records of one resource that are asked for by shop and Shopify's number.

One round trip per shop and batch, whatever the number of fields that ask.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from sync_engine.model.records import Record
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.together import together
from sync_engine.store.records.reader import RecordReader
from sync_engine.store.store import ShopStore, Store

RecordT = TypeVar("RecordT", bound=Record)
RecordKey = tuple[ShopDomain, int]

_MAX_BATCH = 1_000


def record_loader(
    store: Store, reader_of: Callable[[ShopStore], RecordReader[RecordT, Any, Any]]
) -> DataLoader[RecordKey, RecordT | None]:
    """Return a loader that gives None for what is not stored."""

    async def load(keys: Sequence[RecordKey]) -> list[RecordT | None]:
        numbers: dict[ShopDomain, set[int]] = {}
        for shop, number in keys:
            numbers.setdefault(shop, set()).add(number)
        found = await together(
            reader_of(store.shop(shop)).get_many(wanted) for shop, wanted in numbers.items()
        )
        by_shop = dict(zip(numbers, found, strict=True))
        return [by_shop[shop].get(number) for shop, number in keys]

    return DataLoader(load, max_batch_size=_MAX_BATCH)
