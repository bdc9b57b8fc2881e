"""A transport for gql on a connection pool that all shops share.

gql's own reads an answer before its status. Shopify says why it refuses in an ``errors`` that is a
plain sentence, so a refusal would look like a GraphQL answer; here the status comes first.
"""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import msgspec
from gql import GraphQLRequest
from gql.transport.async_transport import AsyncTransport
from graphql import ExecutionResult

from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.shopify.failures import network_error, status_error
from sync_engine.shopify.unreadable import UNREADABLE


class WrittenRequest(GraphQLRequest):
    """A request whose text is sent as it was written.

    gql would parse it and print it again for each call, at a hundred times the cost of sending it.
    """

    def __init__(self, text: str, variables: dict[str, Any]) -> None:
        """Take a text that is known to be good."""
        self._text = text
        self.variable_values = variables
        self.operation_name = None
        self.extensions = None

    @property
    def payload(self) -> dict[str, Any]:
        """The body to send."""
        if not self.variable_values:
            return {"query": self._text}
        return {"query": self._text, "variables": self.variable_values}


class ShopifyResult(ExecutionResult):
    """An answer with the headers it came with; its errors are as Shopify sent them.

    The data is left as bytes for whoever knows its shape.
    """

    headers: httpx.Headers
    raw_data: msgspec.Raw


_NULL = msgspec.Raw(b"null")


class _Answer(msgspec.Struct):
    data: msgspec.Raw = _NULL
    errors: Any = None
    extensions: dict[str, Any] | None = None


_ANSWER = msgspec.json.Decoder(_Answer)


class PooledTransport(AsyncTransport):
    """Sends to one shop's endpoint over a client that somebody else opens and closes."""

    def __init__(self, url: str, pool: httpx.AsyncClient) -> None:
        """Take the endpoint and the shared pool."""
        self._url = url
        self._pool = pool

    async def connect(self) -> None:
        """Nothing to do: the pool is open."""

    async def close(self) -> None:
        """Nothing to do: the pool is not ours."""

    async def execute(self, request: GraphQLRequest, *, access_token: str = "") -> ShopifyResult:
        """Post a query; the result may hold errors, which are not raised here.

        Raises:
            SyncError: no answer came, or one with an HTTP status that is not a success, or one that
                is not a GraphQL answer.
        """
        try:
            response = await self._pool.post(
                self._url, json=request.payload, headers={"X-Shopify-Access-Token": access_token}
            )
        except httpx.HTTPError as error:
            raise network_error(error) from error
        refusal = status_error(response.status_code, response.headers)
        if refusal is not None:
            raise refusal
        try:
            answer = _ANSWER.decode(response.content)
        except UNREADABLE as error:
            raise ShopifyUnavailableError("Shopify's answer is not a GraphQL answer") from error
        if answer.data == _NULL and answer.errors is None:
            raise ShopifyUnavailableError("Shopify's answer holds neither data nor errors")
        result = ShopifyResult(errors=answer.errors, extensions=answer.extensions)
        result.raw_data = answer.data
        result.headers = response.headers
        return result

    def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[ExecutionResult]:
        """Refuse: Shopify has no subscriptions.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(request)
