"""Asks one shop's GraphQL API: within its budget, with a good token, again where that may help."""

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from sync_engine.model.errors import ShopifyUnavailableError, SyncError, ThrottledError
from sync_engine.shopify.documents import Document
from sync_engine.shopify.failures import graphql_error
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.query_cost import QueryCost
from sync_engine.shopify.served_version import VersionWatch
from sync_engine.shopify.shop_calls import Recover, ShopCalls
from sync_engine.shopify.throttle.shop_budget import Reservation
from sync_engine.shopify.transport import PooledTransport, ShopifyResult, WrittenRequest
from sync_engine.shopify.unreadable import UNREADABLE
from sync_engine.shopify.withheld import withheld_fields

_MAX_QUERY_POINTS = 1000.0
"""What one query may cost. Source: shopify.dev, "GraphQL Admin API rate limits"."""

T = TypeVar("T")


class ShopifyClient:
    """One shop's GraphQL API, on behalf of one piece of work whose calls are metered together."""

    def __init__(
        self,
        calls: ShopCalls,
        *,
        downloads: Meter,
        transport: PooledTransport,
        pool: httpx.AsyncClient,
        prices: dict[str, float],
        version: VersionWatch,
    ) -> None:
        """Take the work's way to the shop, and what is shared: pool and learned prices."""
        self.shop = calls.shop
        self.meter = calls.meter
        self.downloads = downloads
        self.pool = pool
        self._calls = calls
        self._transport = transport
        self._prices = prices
        self._version = version

    def price_points(self, document: Document) -> float | None:
        """Return what Shopify last asked for this document per unit; None before the first time."""
        return self._prices.get(document.name)

    def expect_price(self, document: Document, points: float) -> None:
        """Take the document to cost so much per unit, until Shopify has said what it costs."""
        self._prices.setdefault(document.name, points)

    async def execute(
        self,
        document: Document,
        kind: type[T],
        variables: Mapping[str, Any] | None = None,
        *,
        units: int = 1,
        recover: Recover[T] | None = None,
        withheld: set[str] | None = None,
    ) -> T:
        """Run a query or mutation and return its ``data`` as a value of the kind.

        Args:
            document: what to run; its price is learned under its name.
            kind: the shape that ``data`` must have.
            variables: the variables of the document.
            units: how many of what the price depends on, such as ids.
            recover: for what must not be done twice; finds what a request has brought about whose
                answer was lost.
            withheld: for whoever can do without fields that Shopify keeps back, which are null;
                they are added to it, as paths below the records that the answer lists.

        Raises:
            ShopBlockedError: a person has to act before this shop can be asked again.
            RetryableError: Shopify did not answer well, even after several tries.
            QueryTooExpensiveError: one query may not cost this much; ask for less at once.
            FatalError: Shopify rejects the query.
        """
        request = WrittenRequest(document.text, dict(variables or {}))

        def price() -> float:
            known = self._prices.get(document.name)
            return _MAX_QUERY_POINTS if known is None else min(known * units, _MAX_QUERY_POINTS)

        async def send(token: str, reservation: Reservation) -> T:
            result = await self._transport.execute(request, access_token=token)
            self._version.check(result.headers)
            is_reported = self._learn(document, units, result.extensions, reservation)
            if result.errors:
                fields = withheld_fields(result.errors, result.raw_data)
                if withheld is None or fields is None:
                    raise _refusal(result, is_reported=is_reported)
                withheld.update(fields)
            try:
                return msgspec.json.decode(result.raw_data, type=kind)
            except UNREADABLE as error:
                message = f"Shopify's answer to {document.name} has another shape: {error}"
                raise ShopifyUnavailableError(message) from error

        return await self._calls.answer(price, send, recover, what=document.name)

    async def wait_for_window(self) -> None:
        """Wait for this process's turn to send a request that no bucket counts."""
        await self._calls.wait_for_window()

    def _learn(
        self,
        document: Document,
        units: int,
        extensions: dict[str, Any] | None,
        reservation: Reservation,
    ) -> bool:
        try:
            cost = msgspec.convert((extensions or {}).get("cost"), QueryCost)
        except msgspec.ValidationError:
            return False
        spent = cost.actual_query_cost or 0.0
        reservation.report(cost.throttle_status.level(), spent=spent)
        self._prices[document.name] = cost.requested_query_cost / max(1, units)
        self.meter.add(cost_points=spent)
        return True


def _refusal(result: ShopifyResult, *, is_reported: bool) -> SyncError:
    found = graphql_error(result.errors, result.headers.get("x-request-id", "unknown"))
    if isinstance(found, ThrottledError) and is_reported:
        found.retry_after_seconds = 0.0  # the budget knows by now how long to wait
    return found
