"""Translates what Shopify answers, and what the network does, into the engine's errors.

Source: shopify.dev, "Shopify API response status and error codes" and "GraphQL Admin API: status
and error codes", read 2026-11-23.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx

from sync_engine.model.errors import (
    QueryRejectedError,
    QueryTooExpensiveError,
    ScopeMissingError,
    ShopBlockedError,
    ShopFrozenError,
    ShopifyTimeoutError,
    ShopifyUnavailableError,
    ShopMovedError,
    ShopNotFoundError,
    SyncError,
    ThrottledError,
    TokenRevokedError,
)
from sync_engine.shopify.withheld import NOT_APPROVED

_MAX_RETRY_AFTER_SECONDS = 300.0
_NOTHING_THERE = (
    "Shopify finds nothing under the shop's address: the shop is closed, its domain is another, or "
    "the API version is not served"
)
_BLOCKS: Mapping[int, tuple[type[ShopBlockedError], str]] = MappingProxyType(
    {
        401: (TokenRevokedError, "Shopify refuses the access token"),
        402: (ShopFrozenError, "the shop is frozen for want of payment"),
        403: (ScopeMissingError, "Shopify forbids the request: a scope is missing"),
        404: (ShopNotFoundError, _NOTHING_THERE),
        423: (ShopFrozenError, "the shop is locked by Shopify"),
    }
)
_SCOPE = re.compile("`([a-z_]+)`")


def network_error(error: httpx.HTTPError) -> SyncError:
    """Return the engine's error for a request that got no answer."""
    name = type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return ShopifyTimeoutError(f"Shopify did not answer in time ({name})")
    return ShopifyUnavailableError(f"the connection to Shopify failed ({name})")


def status_error(status: int, headers: Mapping[str, str]) -> SyncError | None:
    """Return the engine's error for an HTTP status, or None for a success."""
    if 200 <= status < 300:  # noqa: PLR2004 - the class of successes
        return None
    request = headers.get("x-request-id", "unknown")
    at = f"HTTP {status}, Shopify request {request}"
    if status in _BLOCKS:
        kind, message = _BLOCKS[status]
        return kind(f"{message} ({at})")
    match status:
        case 301 | 302 | 303 | 307 | 308:
            host = urlsplit(headers.get("location", "")).hostname or "another address"
            return ShopMovedError(f"the shop has moved to {host[:255]}: connect that one ({at})")
        case 429:
            wait = retry_after_seconds(headers)
            return ThrottledError(f"Shopify throttles ({at})", retry_after_seconds=wait)
        case 430 | 530 | 540:
            wait = retry_after_seconds(headers)
            message = f"Shopify turns the request away for now ({at})"
            return ShopifyUnavailableError(message, retry_after_seconds=wait)
        case _ if 500 <= status < 600:  # noqa: PLR2004 - the class of server errors
            wait = retry_after_seconds(headers)
            return ShopifyUnavailableError(f"Shopify failed ({at})", retry_after_seconds=wait)
        case _:
            return QueryRejectedError(f"Shopify rejects the request ({at})")


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``, which Shopify gives in seconds and may write as a fraction."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_SECONDS) if seconds == seconds else None  # noqa: PLR0124 - NaN


def graphql_error(errors: object, request: str) -> SyncError:
    """Return the engine's error for the ``errors`` of an answer that came with HTTP 200."""
    first = errors[0] if isinstance(errors, list) and errors else errors
    if not isinstance(first, dict):
        first = {"message": first}
    extensions = first.get("extensions")
    if not isinstance(extensions, dict):
        extensions = {}
    text = str(first.get("message", "no message"))[:300]
    at = f"Shopify request {request}"
    match extensions.get("code"):
        case "THROTTLED":
            return ThrottledError(f"Shopify throttles ({at})")
        case "MAX_COST_EXCEEDED":
            return QueryTooExpensiveError(f"{text} ({at})")
        case "INTERNAL_SERVER_ERROR":
            return ShopifyUnavailableError(f"Shopify failed: {text} ({at})")
        case "ACCESS_DENIED":
            scopes = tuple(_SCOPE.findall(str(extensions.get("requiredAccess"))))
            return ScopeMissingError(f"Shopify denies access: {text} ({at})", scopes=scopes)
        case "SHOP_INACTIVE":
            return ShopFrozenError(f"the shop is not active: {text} ({at})")
        case None if NOT_APPROVED in text:
            return ScopeMissingError(f"the app is not approved for protected data: {text} ({at})")
        case _:
            return QueryRejectedError(f"Shopify rejects the query: {text} ({at})")
