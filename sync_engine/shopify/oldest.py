"""Asks when a shop's first record of a resource was created."""

from datetime import datetime

import msgspec

from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document


class _Node(msgspec.Struct, rename="camel"):
    created_at: datetime


class _Connection(msgspec.Struct):
    nodes: list[_Node]


class _Answer(msgspec.Struct):
    oldest: _Connection


async def oldest_record_at(client: ShopifyClient, resource: Resource) -> datetime | None:
    """Return the time, None where there is no record.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    name = f"oldest_{resource.value.lower().removesuffix('s')}"
    answer = await client.execute(document(name), _Answer)
    return answer.oldest.nodes[0].created_at if answer.oldest.nodes else None
