"""Does what a webhook about a shop as a whole, or about people's data in it, asks for."""

import structlog

from sync_engine.inbox.patience import within
from sync_engine.inbox.tidings import PrivacyAsked, ShopTold, Told
from sync_engine.model.clock import Clock
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.shop_profile import read_shop_profile
from sync_engine.store.store import Store

log = structlog.get_logger(__name__)


class ShopAffairs:
    """What happens to shops from outside; idempotent, because webhooks come twice."""

    def __init__(self, store: Store, *, patience_seconds: float, clock: Clock) -> None:
        """Take the open store, and how long to wait for Shopify."""
        self._store = store
        self._patience_seconds = patience_seconds
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
                await self.note_request(shop.domain, told.event_id, asked)
                if asked.topic == "shop/redact":
                    return await self._purge(shop, told)
        return None

    async def note_request(self, shop: ShopDomain, event_id: str, asked: PrivacyAsked) -> None:
        """Note what has to be done about people's data, for longer than the event is kept."""
        await self._store.audit.add(
            shop,
            entry_id=event_id,
            what=asked.topic,
            at=self._clock.now(),
            details={
                "customer_id": asked.customer,
                "order_ids": list(asked.orders),
                "request_id": asked.request,
            },
        )

    async def _uninstall(self, shop: Shop, told: Told) -> str | None:
        now = self._clock.now()
        has_left = await self._store.shops.leave(
            shop.domain,
            left_at=told.at,
            reason="The merchant has uninstalled the app.",
            now=now,
        )
        if not has_left:
            return "the app was installed again since"
        active = await self._store.shop(shop.domain).runs.active()
        if active is not None:
            await self._store.shop(shop.domain).runs.request_cancel(active.id, now=now)
        await self._store.api_tokens.revoke_all(shop.domain, now=now)
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
        profile, scopes = await within(self._patience_seconds, read_shop_profile(client))
        await self._store.shops.save_profile(shop.domain, profile, scopes)
        await self._store.timetable.hasten(shop.domain, RecurringJob.MEND_ROLLUPS)
