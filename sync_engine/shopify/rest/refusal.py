"""Tells what a refusal of the REST API means; its 403 says in words which of two things it is."""

import re

import httpx

from sync_engine.model.errors import RestClosedError, ScopeMissingError, SyncError
from sync_engine.shopify.failures import status_error

_FORBIDDEN = 403
_SCOPE = re.compile(r"\b((?:read|write)_[a-z_]+) scope\b")


def rest_error(response: httpx.Response) -> SyncError | None:
    """Return the engine's error for an answer of the REST API, or None for a success.

    Source: shopify.dev, "Shopify API response status and error codes", read 2026-11-23.
    """
    if response.status_code != _FORBIDDEN:
        return status_error(response.status_code, response.headers)
    request = response.headers.get("x-request-id", "unknown")
    at = f"HTTP 403, Shopify request {request}"
    scopes = tuple(sorted(set(_SCOPE.findall(response.text))))
    if scopes:
        names = ", ".join(scopes)
        return ScopeMissingError(f"the token lacks the scope {names} ({at})", scopes=scopes)
    return RestClosedError(f"Shopify does not serve the REST API to this app ({at})")
