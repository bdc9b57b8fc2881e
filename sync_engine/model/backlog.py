"""How much work waits, over all shops: what a person who is on call wants to know first."""

from datetime import date

import msgspec

from sync_engine.model.sync_enums import ShopStatus


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Work of one sort: how much, and for how long the oldest of it has waited."""

    count: int = 0
    oldest_seconds: float = 0.0


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What waits.

    ``events`` are webhooks that were taken in and not applied, counted up to a limit; ``jobs`` are
    due and not claimed; ``runs`` are queued and not taken up.
    """

    events: Waiting
    jobs: Waiting
    runs: Waiting
    shops: dict[ShopStatus, int]


class Engagement(msgspec.Struct, frozen=True, kw_only=True):
    """What the callers of one shop, or of all, did on a day (in UTC) after the first sync."""

    day: date
    shops: int
    operations: int
