"""Tells what a refusal of the REST API means.

Its 403 says in words which of two things it is. Nothing but lists and counts is asked for, which
every shop has: where one is not found, REST does not offer it, or not in this version. Whether the
shop itself is still there, the GraphQL API says, which is asked next.
"""

import re

import httpx

from sync_engine.model.errors import RestClosedError, ScopeMissingError, SyncError
from sync_engine.shopify.failures import status_error

_FORBIDDEN = 403
_NOT_OFFERED = frozenset({404, 410})
_SCOPE = re.compile(r"\b((?:read|write)_[a-z_]+) scope\b")


def rest_error(response: httpx.Response) -> SyncError | None:
    """Return the engine's error for an answer of the REST API, or None for a success.

    Source: shopify.dev, "Shopify API response status and error codes", read 2026-11-23.
    """
    status = response.status_code
    at = f"HTTP {status}, Shopify request {response.headers.get('x-request-id', 'unknown')}"
    if status in _NOT_OFFERED:
        return RestClosedError(f"Shopify does not offer this list over REST, or no longer ({at})")
    if status != _FORBIDDEN:
        return status_error(status, response.headers)
    scopes = tuple(sorted(set(_SCOPE.findall(response.text))))
    if scopes:
        names = ", ".join(scopes)
        return ScopeMissingError(f"the token lacks the scope {names} ({at})", scopes=scopes)
    return RestClosedError(f"Shopify does not serve the REST API to this app ({at})")
