"""Asks one shop's REST Admin API: within its bucket, with a good token, again where it may help.

REST is the last road, for what the others cannot deliver: Shopify calls it legacy.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

import httpx
import msgspec

from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.shopify.failures import network_error
from sync_engine.shopify.rest.call_limit import call_limit
from sync_engine.shopify.rest.link import next_page_params
from sync_engine.shopify.rest.refusal import rest_error
from sync_engine.shopify.served_version import VersionWatch
from sync_engine.shopify.shop_calls import ShopCalls
from sync_engine.shopify.throttle.shop_budget import Reservation
from sync_engine.shopify.unreadable import UNREADABLE

T = TypeVar("T")


class RestPage(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """An answer, and the parameters of the page after it; None where it is the last."""

    data: T
    next_params: dict[str, str] | None


class RestClient:
    """One shop's REST API, on behalf of one piece of work whose calls are metered together."""

    def __init__(
        self, calls: ShopCalls, *, pool: httpx.AsyncClient, base_url: str, version: VersionWatch
    ) -> None:
        """Take the work's way to the shop; ``base_url`` is that of the versioned Admin API."""
        self.shop = calls.shop
        self.meter = calls.meter
        self._calls = calls
        self._pool = pool
        self._base_url = base_url
        self._version = version

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

        async def send(token: str, reservation: Reservation) -> RestPage[T]:
            response = await self._fetch(path, params, token)
            limit = call_limit(response.headers.get("x-shopify-shop-api-call-limit", ""))
            if limit is not None:
                reservation.report(limit, spent=1)
            refusal = rest_error(response)
            if refusal is not None:
                raise refusal
            self._version.check(response.headers)
            try:
                data = msgspec.json.decode(response.content, type=kind)
            except UNREADABLE as error:
                message = f"Shopify's answer to {path} has another shape: {error}"
                raise ShopifyUnavailableError(message) from error
            link = response.headers.get("link", "")
            return RestPage(data=data, next_params=next_page_params(link))

        return await self._calls.answer(lambda: 1.0, send, what=f"GET {path}")

    async def _fetch(self, path: str, params: Mapping[str, str], token: str) -> httpx.Response:
        try:
            return await self._pool.get(
                f"{self._base_url}/{path}",
                params=dict(params),
                headers={"X-Shopify-Access-Token": token},
            )
        except httpx.HTTPError as error:
            raise network_error(error) from error
