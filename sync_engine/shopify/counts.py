"""Asks how many records a shop has, for progress bars and for choosing how to read them."""

from datetime import datetime

import msgspec

from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document
from sync_engine.shopify.search import all_of, updated_since

EVERY_PRODUCT_STATUS = "status:active,draft,archived,unlisted"
"""What a read of products filters by where Shopify would otherwise give the active ones only.

The schema prints ``active`` as the filter's default, while reads without it have always returned
every status; ``RecordCount.needs_status_filter`` says which holds.
"""


_EXACT = "EXACT"


class RecordCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many records there are, counted without a limit; None where Shopify does not say."""

    count: int | None
    needs_status_filter: bool = False

    @property
    def conditions(self) -> str:
        """What a read has to filter by to get all of them."""
        return EVERY_PRODUCT_STATUS if self.needs_status_filter else ""


class _Count(msgspec.Struct):
    count: int
    precision: str = _EXACT

    @property
    def is_exact(self) -> bool:
        return self.precision == _EXACT


class _Answer(msgspec.Struct, rename="camel"):
    all: _Count | None = None
    every_status: _Count | None = None


async def count_records(
    client: ShopifyClient, resource: Resource, since: datetime | None = None
) -> RecordCount:
    """Count the records of a resource, or those that were changed since then.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    search = None if since is None else updated_since(since)
    variables = {"search": search}
    if resource is Resource.PRODUCTS:
        variables["everyStatus"] = all_of(EVERY_PRODUCT_STATUS, search)
    answer = await client.execute(document(f"{resource.value.lower()}_count"), _Answer, variables)
    found = [each for each in (answer.all, answer.every_status) if each is not None]
    is_known = bool(found) and all(each.is_exact for each in found)
    plain = answer.all.count if answer.all else 0
    every_status = answer.every_status.count if answer.every_status else 0
    return RecordCount(
        count=max(plain, every_status) if is_known else None,
        needs_status_filter=every_status > plain,
    )
