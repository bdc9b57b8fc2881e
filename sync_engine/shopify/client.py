"""Asks one shop's GraphQL API: within its budget, with a good token, again where that may help."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import httpx
import msgspec
import structlog

from sync_engine.model.clock import Clock
from sync_engine.model.errors import (
    ShopifyUnavailableError,
    SyncError,
    ThrottledError,
    TokenRevokedError,
)
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.budget import GraphqlBudget, QueryCost, Reservation
from sync_engine.shopify.documents import Document
from sync_engine.shopify.failures import graphql_error
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.retrying import retrying
from sync_engine.shopify.transport import PooledTransport, WrittenRequest
from sync_engine.shopify.unreadable import UNREADABLE

_FIRST_GUESS_POINTS = 10.0

T = TypeVar("T")
log = structlog.get_logger(__name__)


class TokenSource(Protocol):
    """Where the access token of a shop comes from."""

    async def current(self) -> str:
        """Return a token that should be good.

        Raises:
            TokenRevokedError: there is none, and a person has to act.
        """

    async def renewed(self, rejected: str) -> str:
        """Return another token after Shopify refused this one.

        Raises:
            TokenRevokedError: no other can be had.
        """


class ShopifyClient:
    """One shop's GraphQL API, on behalf of one piece of work whose calls are metered together."""

    def __init__(
        self,
        shop: ShopDomain,
        *,
        transport: PooledTransport,
        pool: httpx.AsyncClient,
        tokens: TokenSource,
        budget: GraphqlBudget,
        prices: dict[str, float],
        meter: Meter,
        clock: Clock,
        api_version: str,
    ) -> None:
        """Take what is shared with other pieces of work: pool, budget and learned prices."""
        self.shop = shop
        self.pool = pool
        self.meter = meter
        self.budget = budget
        self._transport = transport
        self._tokens = tokens
        self._prices = prices
        self._clock = clock
        self._api_version = api_version
        self._has_warned = False

    def price_points(self, document: Document) -> float | None:
        """Return what Shopify last asked for this document per unit; None before the first time."""
        return self._prices.get(document.name)

    async def execute(
        self,
        document: Document,
        kind: type[T],
        variables: Mapping[str, Any] | None = None,
        *,
        units: int = 1,
    ) -> T:
        """Run a query or mutation and return its ``data`` as a value of the kind.

        Args:
            document: what to run; its price is learned under its name.
            kind: the shape that ``data`` must have.
            variables: the variables of the document.
            units: how many of what the price depends on, such as ids.

        Raises:
            ShopBlockedError: a person has to act before this shop can be asked again.
            RetryableError: Shopify did not answer well, even after several tries.
            QueryTooExpensiveError: one query may not cost this much; ask for less at once.
            FatalError: Shopify rejects the query.
        """

        async def attempt() -> T:
            data = await self._once(document, units, dict(variables or {}))
            try:
                return msgspec.json.decode(data, type=kind)
            except UNREADABLE as error:
                self.meter.add(failed=1)
                message = f"Shopify's answer to {document.name} has another shape: {error}"
                raise ShopifyUnavailableError(message) from error

        def count_retry() -> None:
            self.meter.add(retried=1)

        return await retrying(attempt, clock=self._clock, on_retry=count_retry)

    async def _once(self, document: Document, units: int, variables: dict[str, Any]) -> bytes:
        points = self._prices.get(document.name, _FIRST_GUESS_POINTS) * units
        token = await self._tokens.current()
        async with self.budget.reserve(points) as reservation:
            self.meter.add(requests=1, seconds_waited_for_budget=reservation.waited_seconds)
            try:
                try:
                    return await self._send(document, units, variables, token, reservation)
                except TokenRevokedError:
                    token = await self._tokens.renewed(token)
                    self.meter.add(requests=1, retried=1)
                    return await self._send(document, units, variables, token, reservation)
            except ThrottledError:
                self.meter.add(throttled=1)
                raise
            except SyncError:
                self.meter.add(failed=1)
                raise

    async def _send(
        self,
        document: Document,
        units: int,
        variables: dict[str, Any],
        token: str,
        reservation: Reservation,
    ) -> bytes:
        request = WrittenRequest(document.text, variables)
        result = await self._transport.execute(request, access_token=token)
        served = result.headers.get("x-shopify-api-version", self._api_version)
        if served != self._api_version and not self._has_warned:
            self._has_warned = True
            log.warning("api_version.fell_forward", asked=self._api_version, served=served)
        self._learn(document, units, result.extensions, reservation)
        if result.errors:
            request_id = result.headers.get("x-request-id", "unknown")
            found = graphql_error(result.errors, request_id)
            if isinstance(found, ThrottledError) and reservation.cost is not None:
                found.retry_after_seconds = 0.0  # the budget knows by now how long to wait
            raise found
        return bytes(result.raw_data)

    def _learn(
        self,
        document: Document,
        units: int,
        extensions: dict[str, Any] | None,
        reservation: Reservation,
    ) -> None:
        try:
            cost = msgspec.convert((extensions or {}).get("cost"), QueryCost)
        except msgspec.ValidationError:
            return
        reservation.cost = cost
        self._prices[document.name] = cost.requested_query_cost / max(1, units)
        self.meter.add(cost_points=cost.actual_query_cost or 0.0)
