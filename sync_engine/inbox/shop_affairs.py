"""Does what a webhook about a shop as a whole, or about people's data in it, asks for."""

import structlog

from sync_engine.inbox.tidings import PrivacyAsked, ShopTold, Told
from sync_engine.model.clock import Clock
from sync_engine.model.shop import Shop
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.shop_profile import read_shop_profile
from sync_engine.store.store import Store

log = structlog.get_logger(__name__)


class ShopAffairs:
    """What happens to shops from outside; idempotent, because webhooks come twice."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Take the open store."""
        self._store = store
        self._clock = clock

    async def attend(self, shop: Shop, told: Told, client: ShopifyClient) -> str | None:
        """Do what was told; returns why nothing was done, where that is so.

        Raises:
            SyncError: it could not be done now.
        """
        match told.tiding:
            case ShopTold(topic="app/uninstalled"):
                return await self._uninstall(shop, told)
            case ShopTold():
                await self._look_again(shop, client)
            case PrivacyAsked() as asked:
                await self._store.audit.add(
                    shop.domain,
                    what=asked.topic,
                    at=self._clock.now(),
                    details={"customer_id": asked.customer, "webhook_id": told.event_id},
                )
                if asked.topic == "shop/redact":
                    return await self._purge(shop, told)
        return None

    async def _uninstall(self, shop: Shop, told: Told) -> str | None:
        if told.at <= shop.connected_at:
            return "the app was installed again since"
        active = await self._store.shop(shop.domain).runs.active()
        if active is not None:
            await self._store.shop(shop.domain).runs.request_cancel(
                active.id, now=self._clock.now()
            )
        await self._store.shops.set_status(
            shop.domain,
            ShopStatus.UNINSTALLED,
            reason="The merchant has uninstalled the app.",
            now=self._clock.now(),
        )
        await self._store.timetable.plan(shop.domain, {}, first_after={})
        log.info("shop.uninstalled", shop=shop.domain)
        return None

    async def _purge(self, shop: Shop, told: Told) -> str | None:
        if told.at <= shop.connected_at:
            return "the app was installed again since"
        await self._store.purge(shop.domain)
        log.info("shop.purged", shop=shop.domain)
        return None

    async def _look_again(self, shop: Shop, client: ShopifyClient) -> None:
        profile, scopes = await read_shop_profile(client)
        await self._store.shops.save_profile(shop.domain, profile, scopes)
