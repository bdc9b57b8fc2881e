"""Asks one shop's REST Admin API: within its bucket, with a good token, again where it may help.

REST is the last road, for what the others cannot deliver: Shopify calls it legacy.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

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
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.budget import GraphqlBudget, QueryCost, Reservation, ThrottleStatus
from sync_engine.shopify.client import TokenSource
from sync_engine.shopify.failures import network_error
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.rest.link import next_page_params
from sync_engine.shopify.rest.refusal import rest_error
from sync_engine.shopify.retrying import retrying
from sync_engine.shopify.throttle.priority import Priority

_SECONDS_TO_EMPTY = 20.0

T = TypeVar("T")
log = structlog.get_logger(__name__)


class RestPage(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """An answer, and the parameters of the page after it; None where it is the last."""

    data: T
    next_params: dict[str, str] | None


class RestClient:
    """One shop's REST API, on behalf of one piece of work whose calls are metered together."""

    def __init__(
        self,
        shop: ShopDomain,
        *,
        app: AppCredentials,
        pool: httpx.AsyncClient,
        tokens: TokenSource,
        budget: GraphqlBudget,
        meter: Meter,
        clock: Clock,
        priority: Priority,
    ) -> None:
        """Take what is shared with other pieces of work: pool and bucket."""
        self.shop = shop
        self.meter = meter
        self.budget = budget
        self.priority = priority
        self._app = app
        self._pool = pool
        self._tokens = tokens
        self._clock = clock
        self._has_warned = False

    async def get(self, path: str, params: Mapping[str, str], *, kind: type[T]) -> RestPage[T]:
        """Read a path such as ``orders.json`` as a value of the kind.

        Args:
            path: what to read, below the address of the versioned Admin API.
            params: its parameters; those of a next page stand alone, filters are in them.
            kind: the shape that the body must have.

        Raises:
            ShopBlockedError: a person has to act before this shop can be asked again.
            RetryableError: Shopify did not answer well, even after several tries.
            RestClosedError: the REST API is not served to this app.
            FatalError: Shopify rejects the request.
        """

        async def attempt() -> RestPage[T]:
            response = await self._once(path, params)
            try:
                data = msgspec.json.decode(response.content, type=kind)
            except msgspec.MsgspecError as error:
                self.meter.add(failed=1)
                message = f"Shopify's answer to {path} has another shape: {error}"
                raise ShopifyUnavailableError(message) from error
            link = response.headers.get("link", "")
            return RestPage(data=data, next_params=next_page_params(link))

        def count_retry() -> None:
            self.meter.add(retried=1)

        return await retrying(attempt, clock=self._clock, on_retry=count_retry)

    async def _once(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        token = await self._tokens.current()
        async with self.budget.reserve(1) as reservation:
            self.meter.add(requests=1, seconds_waited_for_budget=reservation.waited_seconds)
            try:
                try:
                    return await self._send(path, params, token, reservation)
                except TokenRevokedError:
                    token = await self._tokens.renewed(token)
                    self.meter.add(requests=1, retried=1)
                    return await self._send(path, params, token, reservation)
            except ThrottledError:
                self.meter.add(throttled=1)
                raise
            except SyncError:
                self.meter.add(failed=1)
                raise

    async def _send(
        self, path: str, params: Mapping[str, str], token: str, reservation: Reservation
    ) -> httpx.Response:
        url = self._app.api_url(self.shop, f"/{path}")
        try:
            response = await self._pool.get(
                url, params=dict(params), headers={"X-Shopify-Access-Token": token}
            )
        except httpx.HTTPError as error:
            raise network_error(error) from error
        _learn(response.headers, reservation)
        refusal = rest_error(response)
        if refusal is not None:
            raise refusal
        served = response.headers.get("x-shopify-api-version", self._app.api_version)
        if served != self._app.api_version and not self._has_warned:
            self._has_warned = True
            log.warning("api_version.fell_forward", asked=self._app.api_version, served=served)
        return response


def _learn(headers: Mapping[str, str], reservation: Reservation) -> None:
    """Read ``32/40``: 32 calls are in a bucket for 40, which empties in twenty seconds.

    Source: shopify.dev, "REST Admin API rate limits": 40 at 2 a second, 400 at 20 a second.
    """
    used, _, size = headers.get("x-shopify-shop-api-call-limit", "").partition("/")
    if not (used.isascii() and used.isdigit() and size.isascii() and size.isdigit()):
        return
    status = ThrottleStatus(
        maximum_available=float(size),
        currently_available=float(size) - float(used),
        restore_rate=float(size) / _SECONDS_TO_EMPTY,
    )
    reservation.cost = QueryCost(
        requested_query_cost=1, actual_query_cost=1, throttle_status=status
    )
