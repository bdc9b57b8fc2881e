"""Reports of a shop's KPIs: sums of rollups, kept in the cache until the rollups change."""

from collections.abc import Awaitable, Callable, Hashable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

from sync_engine.kpis.cache import ShopCache
from sync_engine.model.clock import Clock
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.kpi.calendar import zone_of
from sync_engine.model.kpi.periods import (
    DayRange,
    Granularity,
    KpiComparison,
    buckets,
    checked_range,
    months_before,
    months_between,
    previous_range,
)
from sync_engine.model.kpi.rollups import Cells, RollupKind
from sync_engine.model.kpi.values import KpiValues, SalesSums, values_of, with_decimals
from sync_engine.model.money import currency_decimals
from sync_engine.model.shop import Shop
from sync_engine.store.rollups.reader import RollupReader
from sync_engine.store.store import Store

T = TypeVar("T")


class ProductSales(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold of a product; without an id, of all that was sold under a title."""

    product_id: int | None
    title: str
    units_sold: int
    net_sales: Decimal
    orders: int


class SalesBreakdown(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold to a country, or over a channel."""

    key: str
    orders: int
    net_sales: Decimal


class CohortPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """What the customers of a cohort did some months after their first order."""

    months_since: int
    active_customers: int
    net_sales: Decimal


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """The customers whose first order was in one month."""

    month: date
    customers: int
    periods: tuple[CohortPeriod, ...]


class KpiReports:
    """The reports of all shops."""

    def __init__(self, store: Store, cache: ShopCache, clock: Clock) -> None:
        """Take the open store; whoever follows its feed drops what has changed from the cache."""
        self._store = store
        self._cache = cache
        self._clock = clock

    async def of(
        self, shop: Shop, first: date, last: date, comparison: KpiComparison
    ) -> "KpiReport":
        """Return the report of a range; its parts are read when they are asked for.

        Raises:
            BadRangeError: the range is none, or there is nothing to compare it with.
            StoreUnavailableError: MongoDB is away, or the figures are built anew after an upgrade.
        """
        now = self._clock.now()
        rollups = self._store.shop(shop.domain).rollups
        state = await self._cache.get(shop.domain, "state", rollups.state)
        if state is not None and not state.shown.is_readable:
            raise StoreUnavailableError("the figures are being built anew after an upgrade")
        timezone = shop.profile.iana_timezone if state is None else state.shown.timezone
        days = checked_range(first, last, today=now.astimezone(zone_of(timezone)).date())
        is_fresh = state is None or state.shown.is_complete
        return KpiReport(
            shop,
            days,
            previous_range(days, comparison),
            timezone=timezone,
            generation=0 if state is None else state.shown.number,
            fresh_as_of=now if is_fresh or state is None else state.fresh_as_of,
            store=self._store,
            cache=self._cache,
        )


class KpiReport:
    """The KPIs of one shop and range."""

    def __init__(
        self,
        shop: Shop,
        days: DayRange,
        compared_with: DayRange | None,
        *,
        timezone: str,
        generation: int,
        fresh_as_of: datetime,
        store: Store,
        cache: ShopCache,
    ) -> None:
        """Take what ``KpiReports`` found out; nothing is read before it is asked for."""
        self._shop = shop
        self.days = days
        self._compared_with = compared_with
        self.timezone = timezone
        self._generation = generation
        self.fresh_as_of = fresh_as_of
        self._store = store
        self._cache = cache

    @property
    def currency_code(self) -> str:
        """The shop's currency."""
        return self._shop.profile.currency_code

    @property
    def taxes_included(self) -> bool:
        """Whether the shop's prices include taxes."""
        return self._shop.profile.taxes_included

    async def totals(self) -> KpiValues:
        """Return the values of the whole range."""
        return await self._total(self.days)

    async def previous(self) -> KpiValues | None:
        """Return the values of what the range is compared with."""
        return None if self._compared_with is None else await self._total(self._compared_with)

    async def series(self, granularity: Granularity) -> list[tuple[date, KpiValues]]:
        """Return the values of every bucket that the range touches, empty ones included."""
        sums = await self._asked(
            ("series", self.days, granularity),
            lambda: self._rollups.series(self._generation, self.days, granularity),
        )
        return [
            (start, values_of(sums.get(start, SalesSums()), self.currency_code))
            for start in buckets(self.days, granularity)
        ]

    async def top_products(self, first: int, *, by_units: bool) -> list[ProductSales]:
        """Return the products that sold best, by net sales or by units."""
        cells = await self._asked(
            ("products", self.days), lambda: self._rollups.products(self._generation, self.days)
        )
        rank = 0 if by_units else 1
        ranked = sorted(
            cells.items(), key=lambda each: (-each[1][rank], -each[1][1 - rank], str(each[0]))
        )[:first]
        titles = await self._store.shop(self._shop.domain).titles.of(
            [key for key, _ in ranked if isinstance(key, int)]
        )
        return [
            ProductSales(
                product_id=key if isinstance(key, int) else None,
                title=titles.get(key, "") if isinstance(key, int) else key,
                units_sold=int(units),
                net_sales=self._amount(net),
                orders=int(orders),
            )
            for key, (units, net, orders) in ranked
        ]

    async def by_country(self, first: int) -> list[SalesBreakdown]:
        """Return what was sold to which country, the most first."""
        return await self._breakdown(RollupKind.COUNTRIES, first)

    async def by_channel(self, first: int) -> list[SalesBreakdown]:
        """Return what was sold over which channel, the most first."""
        return await self._breakdown(RollupKind.CHANNELS, first)

    async def cohorts(self, months: int) -> list[Cohort]:
        """Return the cohorts of so many months, the last of them the range's last month.

        What happened after the range's last day is left out.
        """
        last = self.days.last.replace(day=1)
        starts = [months_before(last, back) for back in range(months - 1, -1, -1)]
        days = DayRange(starts[0], self.days.last)
        found = await self._asked(
            ("cohorts", days), lambda: self._rollups.cohorts(self._generation, days)
        )
        return [self._cohort(start, last, found) for start in dict.fromkeys(starts)]

    def _cohort(self, start: date, last: date, found: dict[str, Cells]) -> Cohort:
        key = start.isoformat()[:7]
        periods = []
        for since in range(months_between(start, last) + 1):
            month = months_before(start, -since).isoformat()[:7]
            active, net = found.get(month, {}).get(key, [0, Decimal(0)])
            periods.append(
                CohortPeriod(
                    months_since=since, active_customers=int(active), net_sales=self._amount(net)
                )
            )
        return Cohort(month=start, customers=periods[0].active_customers, periods=tuple(periods))

    async def _total(self, days: DayRange) -> KpiValues:
        sums = await self._asked(
            ("total", days), lambda: self._rollups.total(self._generation, days)
        )
        return values_of(sums, self.currency_code)

    async def _breakdown(self, kind: RollupKind, first: int) -> list[SalesBreakdown]:
        cells = await self._asked(
            (kind, self.days), lambda: self._rollups.cells(self._generation, kind, self.days)
        )
        ranked = sorted(cells.items(), key=lambda each: (-each[1][1], -each[1][0], str(each[0])))
        return [
            SalesBreakdown(key=str(key), orders=int(orders), net_sales=self._amount(net))
            for key, (orders, net) in ranked[:first]
        ]

    async def _asked(self, question: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        return await self._cache.get(self._shop.domain, (self._generation, question), read)

    @property
    def _rollups(self) -> RollupReader:
        return self._store.shop(self._shop.domain).rollups

    def _amount(self, amount: Decimal | int) -> Decimal:
        return with_decimals(Decimal(amount), currency_decimals(self.currency_code))
