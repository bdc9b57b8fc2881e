"""Asks how many records a shop has, for progress bars and for choosing how to read them."""

import msgspec

from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document

EVERY_PRODUCT_STATUS = "status:active,draft,archived,unlisted"
"""What a read of products filters by where Shopify would otherwise give the active ones only.

The schema prints ``active`` as the filter's default, while reads without it have always returned
every status; ``RecordCount.needs_status_filter`` says which holds.
"""


class RecordCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many records there are, counted without a limit."""

    count: int
    needs_status_filter: bool = False


class _Count(msgspec.Struct):
    count: int


class _Answer(msgspec.Struct, rename="camel"):
    all: _Count | None = None
    every_status: _Count | None = None


async def count_records(client: ShopifyClient, resource: Resource) -> RecordCount:
    """Count the records of a resource.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    answer = await client.execute(document(f"{resource.value.lower()}_count"), _Answer)
    plain = answer.all.count if answer.all else 0
    every_status = answer.every_status.count if answer.every_status else 0
    return RecordCount(count=max(plain, every_status), needs_status_filter=every_status > plain)
