"""What is done for a shop again and again, and how often."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus

_TOKEN_EVERY = timedelta(minutes=20)  # a token lives for an hour and is renewed near its end
_ROLLUPS_EVERY = timedelta(minutes=10)
_DAILY = timedelta(days=1)


class RecurringJob(StrEnum):
    """A job that comes back; its name is its key in the timetable."""

    INCREMENTAL = "incremental"
    RECONCILE = "reconcile"
    CHECK_SUBSCRIPTIONS = "check_subscriptions"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a name, no secret
    MEND_ROLLUPS = "mend_rollups"
    ARCHIVE = "archive"
    PROBE = "probe"
    """Ask a shop that was frozen, locked or not found whether it is back."""


class DueJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that this process has claimed; ``fence`` grows with every claim of it."""

    shop: ShopDomain
    job: RecurringJob
    due_at: datetime
    fence: int
    failures: int


def intervals(shop: Shop) -> dict[RecurringJob, timedelta]:
    """Return the jobs that this shop is to have, and how often; an interval of zero is none."""
    settings = shop.settings
    wanted: dict[RecurringJob, timedelta] = {}
    if shop.status is ShopStatus.ACTIVE:
        wanted = {
            RecurringJob.INCREMENTAL: timedelta(minutes=settings.incremental_interval_minutes),
            RecurringJob.RECONCILE: timedelta(days=settings.reconcile_interval_days),
            RecurringJob.CHECK_SUBSCRIPTIONS: _DAILY,
            RecurringJob.REFRESH_TOKEN: _TOKEN_EVERY,
            RecurringJob.MEND_ROLLUPS: _ROLLUPS_EVERY,
        }
        if settings.archive_after_days is not None:
            wanted[RecurringJob.ARCHIVE] = _DAILY
    elif shop.status is ShopStatus.SUSPENDED:
        wanted = {RecurringJob.PROBE: _DAILY}
    return {job: every for job, every in wanted.items() if every > timedelta(0)}
