"""Applies quarantined records again, after their cause was mended: each is read anew."""

from collections import defaultdict
from collections.abc import Collection

import msgspec

from sync_engine.model.batch import Batch
from sync_engine.model.clock import Clock
from sync_engine.model.gid import InvalidGidError, parse_gid
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.pages.by_id import read_by_id
from sync_engine.store.store import Store
from sync_engine.store.sync_errors import StoredError

_MOST_ERRORS = 1_000
_TYPES = {Resource.CUSTOMERS: "Customer", Resource.PRODUCTS: "Product", Resource.ORDERS: "Order"}


class RetryOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries of the quarantine are settled now, and how many are not."""

    resolved: int = 0
    still_failing: int = 0


async def retry_errors(
    store: Store,
    shop: Shop,
    client: ShopifyClient,
    *,
    ids: Collection[str] | None,
    run_id: str | None,
    clock: Clock,
) -> RetryOutcome:
    """Read the records behind unresolved errors again and store them, a thousand at most.

    A record that Shopify has deleted since is settled as well. What names no record cannot be
    tried again. Idempotent.

    Raises:
        SyncError: Shopify or MongoDB cannot be asked; what was settled before stays so.
    """
    errors = store.shop(shop.domain).errors
    found = await errors.unresolved(ids=ids, run_id=run_id, limit=_MOST_ERRORS)
    by_record: defaultdict[Resource, defaultdict[int, list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for error in found:
        number = _number(error)
        if error.resource is not None and number is not None:
            by_record[error.resource][number].append(error.id)
    resolved = 0
    async with store.changes(shop.domain) as changes:
        for resource, entries in by_record.items():
            looked_at = clock.now()
            read = await read_by_id(client, resource, sorted(entries), shop.profile.currency_code)
            batch = Batch(
                records=read.records,
                loose_children=(),
                rejects=(),
                observed_at=looked_at,
                checkpoint={},
            )
            refused = await changes.write(
                ShopChange(resource=resource, batch=batch, quarantines=False), now=looked_at
            )
            failing = {reject.resource_id for reject in (*read.rejects, *refused)}
            settled = [
                entry
                for number, entry_ids in entries.items()
                if f"gid://shopify/{_TYPES[resource]}/{number}" not in failing
                for entry in entry_ids
            ]
            await errors.resolve(settled, now=clock.now())
            resolved += len(settled)
    return RetryOutcome(resolved=resolved, still_failing=len(found) - resolved)


def _number(error: StoredError) -> int | None:
    if error.resource is None or error.resource_id is None:
        return None
    try:
        return parse_gid(error.resource_id, _TYPES[error.resource]).number
    except InvalidGidError:
        return None
