"""When which recurring job of which shop is due, and who has claimed it.

MongoDB's time decides, so that any number of machines with clocks of their own may look: each job
is claimed by one of them at a time, and one that dies lets its claim run out.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sync_engine.model.recurring import DueJob, RecurringJob
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo
from sync_engine.store.scoped import ScopedCollection


class Timetable:
    """The recurring jobs of all shops; claims look across them."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("timetable")

    async def plan(
        self,
        shop: ShopDomain,
        intervals: Mapping[RecurringJob, timedelta],
        *,
        first_after: Mapping[RecurringJob, timedelta],
    ) -> None:
        """See that the shop has exactly these jobs. Idempotent.

        A new job is first due after ``first_after``. One whose interval was shortened is due after
        the new interval at the latest; one that exists otherwise stays as it is, also while it is
        claimed.
        """
        scoped = self._of(shop)
        with store_failures():
            for job, every in intervals.items():
                await scoped.upsert(_key(shop, job), [{"$set": _planned(every, first_after[job])}])
            kept = [_key(shop, job) for job in intervals]
            await scoped.delete_many({"_id": {"$nin": kept}})

    async def due_at(self, shop: ShopDomain, job: RecurringJob) -> datetime | None:
        """Return when a job is due next; None where the shop does not have it."""
        with store_failures():
            document = await self._of(shop).find_one({"_id": _key(shop, job)})
        return None if document is None else document["due_at"]

    async def claim(self, *, holder: str, seconds: float) -> DueJob | None:
        """Claim the job that has been due for longest; None where nothing is due.

        The claim ends by ``finish`` or by itself after these seconds.
        """
        is_free = {"$lte": [{"$ifNull": ["$claimed_until", "$due_at"]}, "$$NOW"]}
        claimed = {
            "claimed_until": _in(timedelta(seconds=seconds)),
            "holder": holder,
            "fence": {"$add": ["$fence", 1]},
            "is_hastened": False,
        }
        with store_failures():
            document: Document | None = await self._collection.find_one_and_update(
                {"$expr": {"$and": [{"$lte": ["$due_at", "$$NOW"]}, is_free]}},
                [{"$set": claimed}],
                sort=[("due_at", 1)],
                return_document=True,
            )
        if document is None:
            return None
        return DueJob(
            shop=ShopDomain(document["shop_id"]),
            job=RecurringJob(document["_id"]["job"]),
            due_at=document["due_at"],
            fence=document["fence"],
            failures=document["failures"],
        )

    async def finish(self, job: DueJob, *, next_in: timedelta, has_failed: bool = False) -> None:
        """Give a claimed job back, due again after this time; harmless where the claim is lost.

        Times that were missed meanwhile are not made up for: once is enough.
        """
        due_at = {"$cond": ["$is_hastened", "$$NOW", _in(next_in)]}
        changed: Document = {"due_at": due_at, "claimed_until": None, "holder": None}
        if has_failed:
            changed["failures"] = {"$add": ["$failures", 1]}
        else:
            changed |= {"failures": 0, "last_done_at": "$$NOW"}
        with store_failures():
            await self._of(job.shop).find_one_and_update(
                {"_id": _key(job.shop, job.job), "fence": job.fence}, [{"$set": changed}]
            )

    async def drop(self, job: DueJob) -> None:
        """Take a claimed job off the timetable; harmless where the claim is lost."""
        with store_failures():
            await self._of(job.shop).delete_many(
                {"_id": _key(job.shop, job.job), "fence": job.fence}
            )

    async def hasten(self, shop: ShopDomain, job: RecurringJob) -> None:
        """Make a job due now, where the shop has it; again now, where it is being done."""
        hastened = {"due_at": {"$min": ["$due_at", "$$NOW"]}, "is_hastened": True}
        with store_failures():
            await self._of(shop).find_one_and_update({"_id": _key(shop, job)}, [{"$set": hastened}])

    def _of(self, shop: ShopDomain) -> ScopedCollection:
        return ScopedCollection(self._collection, shop)


def _planned(every: timedelta, first_after: timedelta) -> Document:
    seconds = every.total_seconds()
    is_shorter = {"$lt": [seconds, {"$ifNull": ["$every_seconds", seconds]}]}
    soonest = {"$min": ["$due_at", _in(every)]}
    return {
        "due_at": {
            "$cond": [is_shorter, soonest, {"$ifNull": ["$due_at", _in(first_after)]}],
        },
        "every_seconds": seconds,
        "fence": {"$ifNull": ["$fence", 0]},
        "failures": {"$ifNull": ["$failures", 0]},
    }


def _key(shop: ShopDomain, job: RecurringJob) -> Document:
    return {"shop_id": shop, "job": job.value}


def _in(time: timedelta) -> Document:
    return {"$add": ["$$NOW", round(time.total_seconds() * 1000)]}
