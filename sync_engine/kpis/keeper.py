"""Keeps the rollups of shops whole: finishes what is unfinished, builds anew, compares."""

from collections.abc import Callable, Coroutine

import structlog

from sync_engine.model.clock import Clock
from sync_engine.model.kpi.comparison import Difference
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.together import while_watching
from sync_engine.store.rollups.builder import RollupBuilder
from sync_engine.store.store import Store

_LEASE_NAME = "kpis"
_LEASE_SECONDS = 15.0
_LOOK_SECONDS = 0.2

log = structlog.get_logger(__name__)

Progress = Callable[[int], None]
"""Called with the number of steps that are done."""

Work = Callable[[RollupBuilder], Coroutine[None, None, None]]


class RollupKeeper:
    """The rollups of all shops; a lease lets one process at a time build those of a shop."""

    def __init__(self, store: Store, *, holder: str, clock: Clock) -> None:
        """Take the open store; ``holder`` names this process."""
        self._store = store
        self._holder = holder
        self._clock = clock

    async def settle(self, shop: ShopDomain, *, within_seconds: float | None = None) -> bool:
        """Finish what is unfinished in the rollups of a shop; returns whether they are whole.

        Idempotent. Where another process is at it, waits for that one. What is not done within
        the time goes on with the next call.

        Raises:
            StoreUnavailableError: MongoDB is away; the same.
        """
        began = self._clock.monotonic_seconds()

        def is_time_up() -> bool:
            spent = self._clock.monotonic_seconds() - began
            return within_seconds is not None and spent >= within_seconds

        while not await self._is_whole(shop):
            if is_time_up():
                return False
            if not await self._under_lease(
                shop, lambda builder: self._advance(builder, is_time_up)
            ):
                await self._clock.sleep(_LOOK_SECONDS)
        return True

    async def rebuild(self, shop: ShopDomain, progress: Progress = lambda _: None) -> None:
        """Compute all rollups of a shop from its orders; the old ones are shown meanwhile.

        Orders may be written at the same time. A rebuild that is interrupted goes on by itself.

        Raises:
            StoreUnavailableError: MongoDB is away.
        """

        async def build(builder: RollupBuilder) -> None:
            await builder.begin_anew(now=self._clock.now())
            await self._advance(builder, lambda: False, progress)

        while not await self._under_lease(shop, build):
            await self._clock.sleep(_LOOK_SECONDS)
        log.info("kpis.rebuilt", shop=shop)

    async def verify(self, shop: ShopDomain) -> list[Difference]:
        """Compare the rollups with what its orders come to, at one moment; writes nothing.

        Raises:
            StoreUnavailableError: MongoDB is away.
        """
        return await self._store.compare_rollups(shop)

    async def _advance(
        self,
        builder: RollupBuilder,
        is_time_up: Callable[[], bool],
        progress: Progress = lambda _: None,
    ) -> None:
        steps = 0
        while await builder.advance(now=self._clock.now()):
            steps += 1
            progress(steps)
            if is_time_up():
                return

    async def _is_whole(self, shop: ShopDomain) -> bool:
        rollups = self._store.shop(shop).rollups
        return await rollups.is_whole()

    async def _under_lease(self, shop: ShopDomain, work: Work) -> bool:
        """Do the work, unless another process holds the lease; returns whether it was done."""
        leases = self._store.leases
        lease = await leases.acquire(shop, _LEASE_NAME, holder=self._holder, seconds=_LEASE_SECONDS)
        if lease is None:
            return False
        try:
            async with self._store.rollup_builder(shop, lease) as builder:
                keep = leases.keep(lease, seconds=_LEASE_SECONDS, clock=self._clock)
                await while_watching(work(builder), keep)
        finally:
            await leases.release(lease)
        return True
