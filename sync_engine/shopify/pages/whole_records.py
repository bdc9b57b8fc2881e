"""Makes nodes into records and fetches whatever did not fit into their page: nothing is cut off."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from sync_engine.model.batch import Reject
from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.records import Order, Record
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.mapping.nodes import Connection
from sync_engine.shopify.pages.node_format import NodeFormat
from sync_engine.shopify.refunds import complete_refunds
from sync_engine.shopify.unreadable import UNMAPPABLE, unreadable

_RECORDS_AT_A_STRETCH = 50


class ReadRecords(msgspec.Struct, frozen=True, kw_only=True):
    """Whole records; what could not be read; how many Shopify deleted while they were read."""

    records: tuple[Record, ...]
    rejects: tuple[Reject, ...]
    vanished_count: int = 0


class _VanishedError(Exception):
    """The record is gone."""


async def whole_records(
    client: ShopifyClient, form: NodeFormat[Any], nodes: Sequence[msgspec.Raw], currency: str
) -> ReadRecords:
    """Return the records of nodes, with all of their children and refunds.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    records: list[Record] = []
    rejects: list[Reject] = []
    for place, raw in enumerate(nodes):
        if place % _RECORDS_AT_A_STRETCH == 0:
            await asyncio.sleep(0)  # the batch before this one is being written meanwhile
        try:
            node = form.decoder.decode(raw)
            children = await _all_children(client, form, node)
            records.append(form.to_record(node, children, currency))
        except UNMAPPABLE as error:
            rejects.append(unreadable(raw, error, type_name=form.type_name))
        except _VanishedError:
            continue
    vanished = len(nodes) - len(records) - len(rejects)
    orders = [record for record in records if isinstance(record, Order)]
    if orders:
        completed = await complete_refunds(client, orders)
        records[:] = completed.orders
        rejects += completed.rejects
        vanished += completed.vanished_count
    return ReadRecords(records=tuple(records), rejects=tuple(rejects), vanished_count=vanished)


async def _all_children(client: ShopifyClient, form: NodeFormat[Any], node: Any) -> list[Any]:
    if form.more_children is None or form.more_answer is None:
        return []
    page: Connection[Any] = node.children
    children = list(page.nodes)
    while page.page_info.has_next_page:
        after = page.page_info.end_cursor
        answer = await client.execute(
            form.more_children, form.more_answer, {"id": node.id, "after": after}
        )
        parent = answer.nodes[0] if answer.nodes else None
        if parent is None:
            raise _VanishedError
        page = parent.children
        if page.page_info.has_next_page and page.page_info.end_cursor == after:
            message = f"the lists of {node.id} do not go on where their cursors say"
            raise ShopifyUnavailableError(message)
        children += page.nodes
    return children
