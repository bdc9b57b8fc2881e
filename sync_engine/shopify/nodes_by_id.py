"""Asks for records by their ids, as many at once as their price allows."""

import asyncio
from collections.abc import Sequence

import msgspec

from sync_engine.model.errors import QueryTooExpensiveError, ShopifyUnavailableError
from sync_engine.model.together import together
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import Document

_FIRST_GUESS_IDS = 8
_MOST_IDS = 250  # of an array that is an argument
_TARGET_POINTS = 800.0  # a single query may cost 1,000
_AT_ONCE = 4
_NULL = msgspec.Raw(b"null")


class _Answer(msgspec.Struct):
    nodes: list[msgspec.Raw]


async def nodes_by_id(
    client: ShopifyClient,
    wanted: Document,
    ids: Sequence[str],
    *,
    withheld: set[str] | None = None,
) -> list[msgspec.Raw | None]:
    """Return what the document asks of each id, in their order; None where there is nothing.

    The document takes ``$ids`` and its price is taken to be so much for each. ``withheld``
    is as for ``ShopifyClient.execute``.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    if not ids:
        return []
    limit = asyncio.Semaphore(_AT_ONCE)

    async def fetch(some: Sequence[str]) -> list[msgspec.Raw | None]:
        async with limit:
            return await _fetch(client, wanted, some, withheld)

    found: list[msgspec.Raw | None] = []
    if client.price_points(wanted) is None:
        found += await fetch(ids[:_FIRST_GUESS_IDS])  # tells the price of the others
    size = _chunk_size(client, wanted)
    chunks = [ids[start : start + size] for start in range(len(found), len(ids), size)]
    for answers in await together(map(fetch, chunks)):
        found += answers
    return found


def _chunk_size(client: ShopifyClient, wanted: Document) -> int:
    price = client.price_points(wanted)
    if not price:
        return _FIRST_GUESS_IDS
    return max(1, min(_MOST_IDS, int(_TARGET_POINTS / price)))


async def _fetch(
    client: ShopifyClient, wanted: Document, ids: Sequence[str], withheld: set[str] | None
) -> list[msgspec.Raw | None]:
    try:
        answer = await client.execute(
            wanted, _Answer, {"ids": list(ids)}, units=len(ids), withheld=withheld
        )
    except QueryTooExpensiveError:
        if len(ids) == 1:
            raise
        middle = len(ids) // 2
        return [
            *await _fetch(client, wanted, ids[:middle], withheld),
            *await _fetch(client, wanted, ids[middle:], withheld),
        ]
    if len(answer.nodes) != len(ids):
        message = f"Shopify answered {len(answer.nodes)} nodes to {len(ids)} ids"
        raise ShopifyUnavailableError(message)
    return [None if node == _NULL else node for node in answer.nodes]
