"""Looks how much work waits, by MongoDB's clock, over all shops."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sync_engine.model.backlog import Backlog, Waiting
from sync_engine.model.sync_enums import ShopStatus, SyncState
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.store.failures import translated
from sync_engine.store.mongo import Mongo

_MOST_EVENTS = 10_000
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Backlogs:
    """Counts across shops, within bounds that keep it cheap to ask every few seconds."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._mongo = mongo

    @translated
    async def look(self) -> Backlog:
        """Return what waits now.

        Raises:
            StoreUnavailableError: MongoDB is away.
        """
        return Backlog(
            events=await self._waiting(
                "webhook_events",
                {"status": WebhookEventStatus.RECEIVED.value, "due_at": {"$gt": _LONG_AGO}},
                since="$received_at",
                order="due_at",
            ),
            jobs=await self._waiting(
                "timetable",
                {
                    "$expr": {
                        "$and": [
                            {"$lte": ["$due_at", "$$NOW"]},
                            {"$lte": [{"$ifNull": ["$claimed_until", "$due_at"]}, "$$NOW"]},
                        ]
                    }
                },
                since="$due_at",
                order="due_at",
            ),
            runs=await self._waiting(
                "sync_runs",
                {"is_active": True, "state": SyncState.QUEUED.value},
                since="$queued_at",
                order="queued_at",
            ),
            shops=await self._shops(),
        )

    async def _waiting(
        self, collection: str, condition: Mapping[str, Any], *, since: str, order: str
    ) -> Waiting:
        stages: Sequence[Mapping[str, Any]] = [
            {"$match": condition},
            {"$sort": {order: 1}},
            {"$limit": _MOST_EVENTS},
            {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": since}}},
            {"$set": {"milliseconds": {"$subtract": ["$$NOW", "$oldest"]}}},
        ]
        async for found in self._mongo.collection(collection).aggregate(stages):
            seconds = max(0.0, found["milliseconds"] / 1000)
            return Waiting(count=found["count"], oldest_seconds=seconds)
        return Waiting()

    async def _shops(self) -> dict[ShopStatus, int]:
        counts = dict.fromkeys(ShopStatus, 0)
        groups = [{"$group": {"_id": "$status", "count": {"$sum": 1}}}]
        async for found in self._mongo.collection("shops").aggregate(groups):
            counts[ShopStatus(found["_id"])] = found["count"]
        return counts
