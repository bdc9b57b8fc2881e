"""Asks Shopify whether a shop has the app, whatever is stored of it: nobody tells that surely."""

from sync_engine.model.errors import (
    FatalError,
    ShopBlockedError,
    ShopifyUnavailableError,
    ShopNotFoundError,
    TokenRevokedError,
)
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.shop_profile import read_shop_profile


async def is_installed(client: ShopifyClient) -> bool:
    """Whether Shopify lets us in by the shop's token, or keeps us out for another reason.

    A frozen or locked shop, and one that has moved, still has the app. One whose token is refused
    and cannot be renewed has not, nor has one that is not there.

    Source: shopify.dev, "Shopify API response status and error codes".

    Raises:
        RetryableError: it cannot be said now.
    """
    try:
        await read_shop_profile(client)
    except (TokenRevokedError, ShopNotFoundError):
        return False
    except ShopBlockedError:
        return True
    except FatalError as error:  # an odd answer says nothing about the shop
        raise ShopifyUnavailableError(str(error)) from error
    return True
