"""Notices when Shopify serves another API version than the one asked for.

An expired version is served as the oldest supported one, without an error.

Source: shopify.dev, "Shopify API versioning", read 2026-11-23.
"""

from collections.abc import Mapping

import structlog

log = structlog.get_logger(__name__)


class VersionWatch:
    """Warns once of each version that is served in place of the one asked for."""

    def __init__(self, asked: str) -> None:
        """Watch for answers of another version than this."""
        self._asked = asked
        self._seen = {asked}

    def check(self, headers: Mapping[str, str]) -> None:
        """Look at the headers of an answer."""
        served = headers.get("x-shopify-api-version", self._asked)
        if served not in self._seen:
            self._seen.add(served)
            log.warning("api_version.fell_forward", asked=self._asked, served=served)
