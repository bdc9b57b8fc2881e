"""Does what a webhook about something else than a record asks for: the shop, people, exports."""

from collections.abc import Sequence

import structlog

from sync_engine.inbox.patience import within
from sync_engine.inbox.tidings import OperationOver, PrivacyAsked, ShopTold, Told
from sync_engine.installation.is_installed import is_installed
from sync_engine.installation.look_again import look_again
from sync_engine.model.clock import Clock
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.privacy.eraser import Eraser
from sync_engine.privacy.person import person
from sync_engine.privacy.requests import PersonRequest, PrivacyRequests
from sync_engine.shopify.client import ShopifyClient
from sync_engine.store.store import Store

_INSTALLED_AGAIN = "the app was installed again since"
_NOTHING = "nothing is stored of the shop"

log = structlog.get_logger(__name__)


class ShopAffairs:
    """What happens to shops from outside; idempotent, because webhooks come twice."""

    def __init__(
        self,
        store: Store,
        *,
        patience_seconds: float,
        clock: Clock,
        erasers: Sequence[Eraser] = (),
    ) -> None:
        """Take the open store, how long to wait for Shopify, and what else holds shops' data."""
        self._store = store
        self._privacy = PrivacyRequests(store, clock, erasers)
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
            case OperationOver(operation_id=operation_id):
                await self._store.shop(shop.domain).runs.note_operation_over(operation_id)
            case PrivacyAsked() as asked if asked.topic != "shop/redact":
                return await self.attend_person(shop.domain, told, asked)
            case PrivacyAsked():
                return await self._redact(shop.domain, told, client)
        return None

    async def attend_stranger(self, shop: ShopDomain, told: Told, asked: PrivacyAsked) -> str:
        """Do what is asked about the data of a shop that is not, or no longer, connected.

        Raises:
            SyncError: it could not be done now.
        """
        if asked.topic == "customers/data_request":
            note = await self.attend_person(shop, told, asked)
            return note or _NOTHING
        await self.note_request(shop, told)
        if asked.topic == "shop/redact":  # a purge may have been interrupted
            await self._privacy.purge(shop, told.event_id)
        return _NOTHING

    async def attend_person(self, shop: ShopDomain, told: Told, asked: PrivacyAsked) -> str | None:
        """Do what a person asks for; returns why nothing was done, where that is so.

        Raises:
            SyncError: it could not be done now.
        """
        await self.note_request(shop, told)
        if asked.customer is None:
            return "the request names no customer"
        request = PersonRequest(
            shop=shop,
            event_id=told.event_id,
            asked_at=told.at,
            person=person(asked.customer, asked.contacts),
            orders=asked.orders,
            request=asked.request,
        )
        if asked.topic == "customers/redact":
            await self._privacy.erase(request)
        else:
            await self._privacy.export(request)
        return None

    async def note_request(self, shop: ShopDomain, told: Told) -> None:
        """Note that something is asked about people's data, before anything is done. Idempotent."""
        asked = told.tiding
        if not isinstance(asked, PrivacyAsked):
            return
        details = {
            "customer_id": asked.customer,
            "order_ids": list(asked.orders),
            "request_id": asked.request,
        }
        await self._privacy.note(shop, told.event_id, asked.topic, details)

    async def _uninstall(self, shop: Shop, told: Told) -> str | None:
        now = self._clock.now()
        has_left = await self._store.shops.leave(
            shop.domain,
            left_at=told.at,
            reason="The merchant has uninstalled the app.",
            now=now,
        )
        if not has_left:
            return _INSTALLED_AGAIN
        active = await self._store.shop(shop.domain).runs.active()
        if active is not None:
            await self._store.shop(shop.domain).runs.request_cancel(active.id, now=now)
        await self._store.api_tokens.revoke_all(shop.domain, now=now)
        await self._store.timetable.plan(shop.domain, {}, first_after={})
        await self._privacy.note(shop.domain, told.event_id, "app/uninstalled", {})
        log.info("shop.uninstalled", shop=shop.domain)
        return None

    async def _redact(self, shop: ShopDomain, told: Told, client: ShopifyClient) -> str | None:
        """Erase a shop, unless it has the app again.

        Shopify tells this two days after the uninstall, so what counts is what it says now.
        """
        await self.note_request(shop, told)
        standing = await self._store.shops.get(shop)
        is_back = False
        if standing is not None and standing.status is not ShopStatus.UNINSTALLED:
            is_back = await within(self._patience_seconds, is_installed(client))
            standing = await self._store.shops.get(shop)  # it may have come back meanwhile
        if is_back or (standing is not None and told.at <= standing.connected_at):
            await self._privacy.note_done(shop, told.event_id, "shop.kept", {})
            log.info("shop.kept", shop=shop)
            return _INSTALLED_AGAIN
        await self._privacy.purge(shop, told.event_id)
        return None

    async def _look_again(self, shop: Shop, client: ShopifyClient) -> None:
        await within(self._patience_seconds, look_again(self._store, shop.domain, client))
