"""Reads single records by their ids: what another transport left open, or what was missed."""

from collections.abc import Sequence

from sync_engine.model.gid import Gid
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.nodes_by_id import nodes_by_id
from sync_engine.shopify.pages.node_format import node_format
from sync_engine.shopify.pages.whole_records import ReadRecords, whole_records


async def read_by_id(
    client: ShopifyClient,
    resource: Resource,
    numbers: Sequence[int],
    currency: str,
    *,
    withheld: set[str] | None = None,
) -> ReadRecords:
    """Return the records of these ids, in any order; those that do not exist are vanished.

    ``withheld`` is as for ``ShopifyClient.execute``.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    form = node_format(resource)
    ids = [str(Gid(form.type_name, number)) for number in numbers]
    found = await nodes_by_id(client, form.by_id, ids, withheld=withheld)
    nodes = [node for node in found if node is not None]
    read = await whole_records(client, form, nodes, currency)
    return ReadRecords(
        records=read.records,
        rejects=read.rejects,
        vanished_count=read.vanished_count + len(ids) - len(nodes),
    )
