"""Reads one resource's list, a page at a time, in pages as large as Shopify allows."""

from datetime import datetime
from enum import StrEnum

import msgspec

from sync_engine.model.errors import QueryTooExpensiveError, ShopifyUnavailableError
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import Document
from sync_engine.shopify.mapping.nodes import Connection
from sync_engine.shopify.pages.node_format import node_format
from sync_engine.shopify.pages.page_size import PageSize


class SortKey(StrEnum):
    """What a list is sorted by, upwards."""

    ID = "ID"
    UPDATED_AT = "UPDATED_AT"


class NodeHead(msgspec.Struct, gc=False, rename="camel"):
    """What every node has, however damaged the rest of it is."""

    id: str
    updated_at: datetime


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes as they came, and from where the list goes on; None where it has ended.

    ``withheld`` are fields that Shopify keeps back from the app, which are null in all nodes.
    """

    nodes: list[msgspec.Raw]
    next_cursor: str | None
    withheld: frozenset[str] = frozenset()


class _Answer(msgspec.Struct):
    page: Connection[msgspec.Raw]


class RecordList:
    """The list of one resource of a shop."""

    def __init__(self, client: ShopifyClient, resource: Resource, most_records: int) -> None:
        """Ask for at most so many records at a time."""
        self._client = client
        self._resource = resource
        self._document = node_format(resource).page
        self._size = PageSize(most_records)

    async def read(self, search: str, sort_key: SortKey, cursor: str | None) -> ListPage:
        """Return the page after the cursor, which belongs to this search and this sort key.

        Raises:
            SyncError: as ``ShopifyClient.execute``.
        """
        variables = {"after": cursor, "search": search or None, "sortKey": sort_key.value}
        withheld: set[str] = set()
        while True:
            size = self._size.records
            sized = Document(f"{self._document.name} of {size}", self._document.text)
            if self._size.most_points is not None:
                self._client.expect_price(sized, self._size.most_points)
            try:
                answer = await self._client.execute(
                    sized, _Answer, {"first": size, **variables}, withheld=withheld
                )
            except QueryTooExpensiveError:
                if not self._size.shrink():
                    raise
                continue
            self._size.learn(self._client.price_points(sized))
            info = answer.page.page_info
            if info.has_next_page and info.end_cursor is None:
                message = f"a list of {self._resource.lower()} goes on, but does not say from where"
                raise ShopifyUnavailableError(message)
            next_cursor = info.end_cursor if info.has_next_page else None
            return ListPage(
                nodes=answer.page.nodes, next_cursor=next_cursor, withheld=frozenset(withheld)
            )
