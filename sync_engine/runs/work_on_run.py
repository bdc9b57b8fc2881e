"""Takes a run up under the shop's lease, keeps the lease while it works, and gives it back."""

from collections.abc import Callable, Coroutine

import structlog

from sync_engine.model.clock import Clock
from sync_engine.model.errors import LeaseLostError
from sync_engine.model.run import Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.together import while_watching
from sync_engine.store.store import ShopWriters, Store

_LEASE_NAME = "sync"

Execute = Callable[[Run, ShopWriters], Coroutine[None, None, Run]]

log = structlog.get_logger(__name__)


async def work_on_run(
    store: Store,
    shop: ShopDomain,
    run_id: str,
    *,
    holder: str,
    lease_seconds: float,
    clock: Clock,
    execute: Execute,
) -> Run | None:
    """Execute a run to its end, unless somebody else holds the shop or it is over.

    Idempotent: may be called for the same run by any number of workers. Returns the run as this
    worker left it, None where there was nothing to do here.

    Raises:
        SyncError: the run could not be brought to an end and can be taken up again.
    """
    lease = await store.leases.acquire(shop, _LEASE_NAME, holder=holder, seconds=lease_seconds)
    if lease is None:
        return None
    try:
        async with store.writers(shop) as writers:
            run = await writers.take_up(run_id, fence=lease.fence, now=clock.now())
            if run is None:
                return None
            log.info("run.taken_up", resumed=run.resumed_count)
            keep = store.leases.keep(lease, seconds=lease_seconds, clock=clock)
            return await while_watching(execute(run, writers), keep)
    except LeaseLostError as error:
        log.warning("run.lease_lost", reason=str(error))
        return None
    finally:
        await store.leases.release(lease)
