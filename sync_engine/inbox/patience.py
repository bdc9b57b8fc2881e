"""Bounds how long the webhooks of a shop wait for Shopify: they are put off, the others go on.

A client tries for minutes before it gives up, which is right for a run and too long here.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from sync_engine.model.errors import ShopifyTimeoutError

PATIENCE_SECONDS = 15.0

T = TypeVar("T")


async def within(seconds: float, asking: Coroutine[None, None, T]) -> T:
    """Return what Shopify answers.

    Raises:
        ShopifyTimeoutError: it did not in this time.
    """
    try:
        async with asyncio.timeout(seconds):
            return await asking
    except TimeoutError as error:
        message = f"Shopify could not be asked within {seconds:g} seconds"
        raise ShopifyTimeoutError(message) from error
