"""Changes of a shop that belong together: records, and the events that told of them."""

from datetime import datetime

import msgspec

from sync_engine.model.batch import Batch
from sync_engine.model.sync_enums import Resource
from sync_engine.model.webhook_event import EventOutcome


class Merger(msgspec.Struct, frozen=True, kw_only=True):
    """Two customers became one; their orders are the kept one's."""

    kept: int
    removed: int


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """A customer is erased for good, and their orders become those of a guest.

    ``orders`` are orders of theirs by number, should they be stored under somebody else; ``tags``
    are tags of their orders that tell who they are.
    """

    customer: int
    at: datetime
    orders: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


class ShopChange(msgspec.Struct, frozen=True, kw_only=True):
    """Versions and deletions of one resource, and what became of the events behind them.

    ``quarantines`` is false where what cannot be kept stands in the quarantine already.
    """

    resource: Resource
    batch: Batch
    outcomes: tuple[EventOutcome, ...] = ()
    mergers: tuple[Merger, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    quarantines: bool = True
