"""Reads of a resource what finding differences takes: ids, in their order, and last changes."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.gid import Gid, gid_number
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document
from sync_engine.shopify.mapping.nodes import Connection
from sync_engine.shopify.nodes_by_id import nodes_by_id
from sync_engine.shopify.pages.node_format import node_format
from sync_engine.shopify.pages.record_list import NodeHead
from sync_engine.shopify.search import all_of, id_after

_HEADS = 250
"""Source: shopify.dev, "Paginating results with GraphQL": the most that ``first`` may be."""


class HeadPage(msgspec.Struct, frozen=True, kw_only=True):
    """Ids behind a given one, upwards, with their last changes; whether more come."""

    updated_at: dict[int, datetime]
    has_more: bool

    @property
    def last_id(self) -> int:
        """The greatest id; zero where there is none."""
        return max(self.updated_at, default=0)


class _Answer(msgspec.Struct):
    page: Connection[NodeHead]


async def read_heads(
    client: ShopifyClient, resource: Resource, *, after_id: int, conditions: str
) -> HeadPage:
    """Return the first ids behind this one.

    Raises:
        ShopifyUnavailableError: what came is not what stands behind the id.
        SyncError: as ``ShopifyClient.execute``.
    """
    search = all_of(conditions, id_after(after_id) if after_id else None)
    answer = await client.execute(
        document(f"{resource.value.lower()}_heads"),
        _Answer,
        {"first": _HEADS, "after": None, "search": search or None},
    )
    heads = {gid_number(head.id): head.updated_at for head in answer.page.nodes}
    numbers = list(heads)
    if numbers != sorted(numbers) or (numbers and numbers[0] <= after_id):
        message = f"the {resource.lower()} behind id {after_id} do not come in the order of ids"
        raise ShopifyUnavailableError(message)
    return HeadPage(updated_at=heads, has_more=answer.page.page_info.has_next_page)


async def missing_ids(
    client: ShopifyClient, resource: Resource, numbers: Collection[int]
) -> frozenset[int]:
    """Return those of the ids that Shopify has no record of any more.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    asked = sorted(numbers)
    ids = [str(Gid(node_format(resource).type_name, number)) for number in asked]
    found = await nodes_by_id(client, document("existing_ids"), ids)
    return frozenset(number for number, node in zip(asked, found, strict=True) if node is None)
