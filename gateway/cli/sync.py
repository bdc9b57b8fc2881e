"""``echosignal sync``: syncs one shop now and shows how it goes."""

import time

from rich.console import Console

from config.settings import Settings
from gateway.cli.following import follow_run
from gateway.cli.progress_display import progress_display
from gateway.cli.required_secrets import require_encryption_keys
from gateway.cli.running import CommandError
from sync_engine.model.run import Run
from sync_engine.model.shop_domain import parse_shop_domain
from sync_engine.model.sync_enums import ShopStatus, SyncMode, SyncState, SyncStrategy, SyncTrigger
from sync_engine.open_engine import Duty, open_engine


async def sync(
    settings: Settings,
    domain: str,
    console: Console,
    *,
    mode: SyncMode,
    strategy: SyncStrategy | None,
) -> None:
    """Start a sync, or join the one under way, and follow it to its end.

    Raises:
        CommandError: the shop cannot be synced, or the sync did not succeed.
    """
    shop = parse_shop_domain(domain)
    require_encryption_keys(settings)
    async with open_engine(settings, duty=Duty.WHAT_IS_ASKED) as engine:
        stored = await engine.store.shops.get(shop)
        if stored is None:
            raise CommandError(
                f"{shop} is not connected: connect it with echosignal shops add {shop}"
            )
        if stored.status is not ShopStatus.ACTIVE:
            raise CommandError(f"{shop} is {stored.status.lower()}: {stored.status_reason}")
        began = time.monotonic()
        run, is_new = await engine.start_sync(
            shop, mode=mode, trigger=SyncTrigger.MANUAL, strategy=strategy
        )
        if not is_new:
            console.print(f"Joining the sync of {shop} that is under way.")
        with progress_display(console) as display:
            run = await follow_run(engine, run, display)
    console.print(summary(run, time.monotonic() - began))
    if run.state not in {SyncState.SUCCEEDED, SyncState.PARTIAL}:
        raise CommandError(run.message or f"the sync ended as {run.state.lower()}")
    if run.message is not None:
        console.print(run.message)


def summary(run: Run, seconds: float) -> str:
    """Return one line that says what was read, and how fast."""
    counts = ", ".join(
        f"{stage.counts.processed:,} {stage.resource.lower()}" for stage in run.stages
    )
    records = sum(stage.counts.processed for stage in run.stages)
    rate = records / seconds if seconds > 0 else 0.0
    return (
        f"{run.shop} {run.state.lower()}: {counts} in {seconds:.1f} s "
        f"({rate:,.0f} records/s), {run.error_count} errors"
    )
