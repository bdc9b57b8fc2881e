"""Everything the simulated platform keeps about one shop besides its records."""

from collections.abc import Callable

from msgspec import structs

from sync_engine.simulator.buckets import PLANS, CallsBucket, PlanLimits, PointsBucket
from sync_engine.simulator.bulk.operation import Pace
from sync_engine.simulator.bulk.operations import BulkOperations
from sync_engine.simulator.events import ShopEvents
from sync_engine.simulator.lookup import Lookup
from sync_engine.simulator.search.catalogue import Catalogue
from sync_engine.simulator.search.lag import SearchLag
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.spec import ShopSpec
from sync_engine.simulator.webhooks.disturbances import DisturbedWay
from sync_engine.simulator.webhooks.outbox import Outbox
from sync_engine.simulator.webhooks.protection import Approval
from sync_engine.simulator.webhooks.subscriptions import WebhookSubscriptions


class ShopState:
    """One shop as the platform runs it.

    Attributes:
        standing: `open`, `frozen` (unpaid), `locked` (abuse), `fraudulent`, `rejected` (requests
            looked malicious), `inactive` or `closed`.
        redirect_to: Another domain that every Admin request is sent to.
        granted_scopes: What a merchant grants in place of what an app asks for; None grants all.
        way: What webhooks pass on their way to the outbox.
        approval: What apps may know of customers.
        paging_limit: How deep root connections can be paged into; None if there is no limit.
        is_rest_retired: REST answers 403 as if it had been switched off for the app.
    """

    def __init__(
        self,
        spec: ShopSpec,
        pace: Pace,
        outbox: Outbox,
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self.spec = spec
        self.shop = SimulatedShop(spec)
        self.catalogue = Catalogue(self.shop)
        self.lookup = Lookup(self.shop)
        self.operations = BulkOperations(pace)
        self.webhooks = WebhookSubscriptions()
        self.way = DisturbedWay(outbox, later)
        self.approval = Approval()
        self.events = ShopEvents()
        self.standing = "open"
        self.granted_scopes: frozenset[str] | None = None
        self.is_rest_retired = False
        self.paging_limit: int | None = None
        self.redirect_to: str | None = None
        self.limits: PlanLimits = PLANS[spec.plan]
        self._points: dict[str, PointsBucket] = {}
        self._calls: dict[str, CallsBucket] = {}

    def points(self, app: str, now: float) -> PointsBucket:
        """The GraphQL bucket of an app on this shop."""
        bucket = self._points.get(app)
        if bucket is None:
            limits = self.limits
            bucket = self._points[app] = PointsBucket(
                limits.maximum_points, limits.restore_points_per_second, now
            )
        return bucket

    def calls(self, app: str, now: float) -> CallsBucket:
        """The REST bucket of an app on this shop."""
        bucket = self._calls.get(app)
        if bucket is None:
            limits = self.limits
            bucket = self._calls[app] = CallsBucket(
                limits.maximum_calls, limits.leak_calls_per_second, now
            )
        return bucket

    def set_limits(self, limits: PlanLimits, now: float) -> None:
        """Change the shop's plan for all apps."""
        self.limits = limits
        for points in self._points.values():
            points.resize(limits.maximum_points, limits.restore_points_per_second, now)
        for calls in self._calls.values():
            calls.resize(limits.maximum_calls, limits.leak_calls_per_second, now)

    def adjust_points(
        self, maximum: float | None, rate: float | None, available: float | None, now: float
    ) -> None:
        """Change the GraphQL buckets of all apps, those to come included; None keeps."""
        limits = self.limits
        self.limits = structs.replace(
            limits,
            maximum_points=limits.maximum_points if maximum is None else maximum,
            restore_points_per_second=limits.restore_points_per_second if rate is None else rate,
        )
        for bucket in self._points.values():
            bucket.resize(self.limits.maximum_points, self.limits.restore_points_per_second, now)
            if available is not None:
                bucket.set_level(available, now)

    def adjust_calls(
        self, maximum: int | None, rate: float | None, level: float | None, now: float
    ) -> None:
        """Change the REST buckets of all apps, those to come included; None keeps."""
        limits = self.limits
        self.limits = structs.replace(
            limits,
            maximum_calls=limits.maximum_calls if maximum is None else maximum,
            leak_calls_per_second=limits.leak_calls_per_second if rate is None else rate,
        )
        for bucket in self._calls.values():
            bucket.resize(self.limits.maximum_calls, self.limits.leak_calls_per_second, now)
            if level is not None:
                bucket.set_level(level, now)

    def lag_searches(self, now: Callable[[], float], seconds: float) -> None:
        """Let searches see changes only so long after them; they see those made before at once."""
        shop = self.shop
        for records in (shop.order_set, shop.product_set, shop.customer_set):
            records.lag = SearchLag(now, seconds) if seconds else None

    def points_report(self, now: float) -> dict[str, dict[str, float]]:
        """The GraphQL buckets by app."""
        return {
            app: {
                "maximum": bucket.maximum,
                "restore_rate": bucket.restore_rate,
                "available": bucket.available(now),
            }
            for app, bucket in self._points.items()
        }

    def calls_report(self, now: float) -> dict[str, dict[str, float]]:
        """The REST buckets by app."""
        return {
            app: {
                "maximum": bucket.maximum,
                "leak_rate": bucket.leak_rate,
                "level": bucket.level(now),
            }
            for app, bucket in self._calls.items()
        }

    def reset(self) -> None:
        """Go back to how the shop was at the start."""
        self.shop.clear_edits()
        self.operations.clear()
        self.operations.is_disabled = False
        self.webhooks = WebhookSubscriptions()
        self.way.forget()
        self.approval = Approval()
        self.events.clear()
        self.standing = "open"
        self.granted_scopes = None
        self.is_rest_retired = False
        self.paging_limit = None
        self.redirect_to = None
        self.lag_searches(lambda: 0.0, 0.0)
        self.limits = PLANS[self.spec.plan]
        self._points.clear()
        self._calls.clear()
