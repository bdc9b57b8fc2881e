"""Gives every shop the recurring jobs that its status and settings ask for.

Run at every start and every few minutes, it mends whatever is missing or out of date, so that
nobody who changes a shop has to do more than make it right sooner.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random

from sync_engine.model.recurring import RecurringJob, intervals
from sync_engine.model.shop import Shop
from sync_engine.store.timetable import Timetable

_SOON = timedelta(minutes=5)
_AT_ONCE = {RecurringJob.REFRESH_TOKEN}


async def plan_shop(timetable: Timetable, shop: Shop, random: Random) -> None:
    """Bring the timetable of one shop in line. Idempotent.

    New jobs begin somewhere in their first interval, so that shops that were connected together,
    or an old database that meets a new job, do not all come at the same moment.
    """
    wanted = intervals(shop)
    await timetable.plan(
        shop.domain,
        wanted,
        first_after={job: _first(job, every, random) for job, every in wanted.items()},
    )


async def plan_all_shops(timetable: Timetable, shops: AsyncIterator[Shop], random: Random) -> None:
    """Bring the timetables of all shops in line."""
    async for shop in shops:
        await plan_shop(timetable, shop, random)


def jittered(every: timedelta, random: Random) -> timedelta:
    """Return the interval, a tenth longer or shorter at most."""
    return every * random.uniform(0.9, 1.1)


def _first(job: RecurringJob, every: timedelta, random: Random) -> timedelta:
    if job in _AT_ONCE:
        return min(every, _SOON) * random.random()
    return every * random.uniform(0.5, 1.0)
