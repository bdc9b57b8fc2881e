"""Reads how full the bucket for REST calls is.

Source: shopify.dev, "REST Admin API rate limits", read 2026-11-23: 40 calls leaking 2 a second, 400
leaking 20 a second; the sizes between and above them are taken to follow the same ratio.
"""

import re

from sync_engine.model.shop import BudgetLevel

_LIMIT = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_SECONDS_TO_EMPTY = 20.0


def call_limit(header: str) -> BudgetLevel | None:
    """Read ``X-Shopify-Shop-Api-Call-Limit``: ``32/40`` is 32 calls in a bucket for 40."""
    found = _LIMIT.fullmatch(header.strip())
    if found is None or int(found[2]) == 0:
        return None
    used, size = int(found[1]), int(found[2])
    return BudgetLevel(
        maximum=size, available=size - used, restores_per_second=size / _SECONDS_TO_EMPTY
    )
