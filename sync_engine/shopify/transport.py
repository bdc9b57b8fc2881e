"""gql's HTTP transport on a connection pool that all shops share."""

from typing import Any

import httpx
import orjson
from gql import GraphQLRequest
from gql.transport.exceptions import TransportConnectionFailed, TransportError, TransportServerError
from gql.transport.httpx import HTTPXAsyncTransport
from graphql import ExecutionResult

from sync_engine.model.errors import ShopifyUnavailableError, SyncError
from sync_engine.shopify.failures import network_error, status_error


class _WrittenRequest(GraphQLRequest):
    """A request whose text is sent as it was written.

    gql would parse it and print it again for each call, at a hundred times the cost of sending it.
    """

    def __init__(self, text: str, variables: dict[str, Any]) -> None:
        self._text = text
        self.variable_values = variables
        self.operation_name = None
        self.extensions = None

    @property
    def payload(self) -> dict[str, Any]:
        if not self.variable_values:
            return {"query": self._text}
        return {"query": self._text, "variables": self.variable_values}


class PooledTransport(HTTPXAsyncTransport):
    """Sends to one shop's endpoint over a client that somebody else opens and closes."""

    def __init__(self, url: str, pool: httpx.AsyncClient) -> None:
        """Take the endpoint and the shared pool."""
        super().__init__(url=url, json_deserialize=orjson.loads)
        self.client = pool

    async def connect(self) -> None:
        """Nothing to do: the pool is open."""

    async def close(self) -> None:
        """Nothing to do: the pool is not ours."""

    async def send(
        self, text: str, variables: dict[str, Any], access_token: str
    ) -> tuple[ExecutionResult, httpx.Headers]:
        """Post a query; the result may hold errors, which are not raised here.

        Raises:
            SyncError: no answer came, or one with an HTTP status that is not a success, or one that
                is not a GraphQL answer.
        """
        request = _WrittenRequest(text, variables)
        headers = {"X-Shopify-Access-Token": access_token}
        try:
            result = await self.execute(request, extra_args={"headers": headers})
        except TransportError as error:
            raise _translated(error) from error
        return result, self.response_headers or httpx.Headers()


def _translated(error: TransportError) -> SyncError:
    cause = error.__cause__
    if isinstance(error, TransportConnectionFailed) and isinstance(cause, httpx.HTTPError):
        return network_error(cause)
    if isinstance(error, TransportServerError) and isinstance(cause, httpx.HTTPStatusError):
        response = cause.response
        found = status_error(response.status_code, response.headers)
        if found is not None:
            return found
    return ShopifyUnavailableError(f"Shopify's answer is not GraphQL ({type(error).__name__})")
