"""Completes what REST payloads leave open, by asking GraphQL for it, many records at a time."""

from collections.abc import Sequence

import msgspec

from sync_engine.model.batch import Reject
from sync_engine.model.gid import Gid
from sync_engine.model.records import Order, Record
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document
from sync_engine.shopify.mapping.rest import Mapped
from sync_engine.shopify.mapping.rest_orders import STATUS_FIELDS
from sync_engine.shopify.nodes_by_id import nodes_by_id
from sync_engine.shopify.pages.by_id import read_by_id
from sync_engine.shopify.pages.whole_records import ReadRecords
from sync_engine.shopify.unreadable import UNREADABLE, unreadable


class _Statuses(msgspec.Struct, rename="camel"):
    display_financial_status: str | None
    display_fulfillment_status: str


async def complete_records(
    client: ShopifyClient,
    resource: Resource,
    mapped: Sequence[Mapped[Record]],
    currency: str,
    *,
    withheld: set[str] | None = None,
) -> ReadRecords:
    """Return the records with nothing left open; those that lack nothing cost nothing.

    Statuses are asked for alone, whatever else is missing is read anew with all of its record. A
    record that Shopify has deleted since it was read vanishes. ``withheld`` is as for
    ``ShopifyClient.execute``.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    whole = [each.record for each in mapped if not each.lacks]
    unclear = [each for each in mapped if each.lacks and each.lacks <= STATUS_FIELDS]
    partial = [each.record.id for each in mapped if not each.lacks <= STATUS_FIELDS]
    cleared = await _with_statuses(client, unclear)
    reread = await read_by_id(client, resource, partial, currency, withheld=withheld)
    return ReadRecords(
        records=(*whole, *cleared.records, *reread.records),
        rejects=(*cleared.rejects, *reread.rejects),
        vanished_count=cleared.vanished_count + reread.vanished_count,
    )


async def _with_statuses(client: ShopifyClient, unclear: Sequence[Mapped[Record]]) -> ReadRecords:
    ids = [str(Gid("Order", each.record.id)) for each in unclear]
    answers = await nodes_by_id(client, document("order_statuses"), ids)
    records: list[Order] = []
    rejects: list[Reject] = []
    for each, answer in zip(unclear, answers, strict=True):
        if answer is None or not isinstance(each.record, Order):
            continue
        try:
            found = msgspec.json.decode(answer, type=_Statuses)
        except UNREADABLE as error:
            rejects.append(unreadable(answer, error, type_name="Order"))
            continue
        values = {
            "financial_status": found.display_financial_status,
            "fulfillment_status": found.display_fulfillment_status,
        }
        known = {field: value for field, value in values.items() if field in each.lacks}
        records.append(msgspec.structs.replace(each.record, **known))
    return ReadRecords(
        records=tuple(records),
        rejects=tuple(rejects),
        vanished_count=len(unclear) - len(records) - len(rejects),
    )
