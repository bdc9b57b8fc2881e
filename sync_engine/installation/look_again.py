"""Asks Shopify anew what a shop is and what the app may do there, and keeps the answer."""

from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.shop_profile import read_shop_profile
from sync_engine.store.store import Store


async def look_again(store: Store, shop: ShopDomain, client: ShopifyClient) -> tuple[str, ...]:
    """Let what is stored of the shop follow Shopify; returns the scopes that the token has.

    Raises:
        SyncError: Shopify or MongoDB cannot be asked; nothing was changed.
    """
    profile, scopes = await read_shop_profile(client)
    await store.shops.save_profile(shop, profile, scopes)
    await store.timetable.hasten(shop, RecurringJob.MEND_ROLLUPS)
    return scopes
