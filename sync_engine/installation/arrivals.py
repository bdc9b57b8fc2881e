"""Takes up shops that come: by a merchant's consent, by a session token, by the app's own key.

A shop that comes for the first time is read from the beginning. One that comes back has missed
webhooks, so what was changed and what was deleted meanwhile is looked for at once.
"""

from collections.abc import Awaitable, Callable

import structlog

from sync_engine.model.clock import Clock
from sync_engine.model.errors import ShopifyUnavailableError, SyncError
from sync_engine.model.shop import AccessGrant, Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus, SyncMode
from sync_engine.shopify.oauth import OAuth
from sync_engine.store.leases import Lease
from sync_engine.store.store import Store

_LEASE_NAME = "arrival"
_LEASE_SECONDS = 60.0
_REST_AFTER_A_FAILURE_SECONDS = 2.0
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 20.0
_AWAY = {ShopStatus.UNINSTALLED, ShopStatus.REAUTHORIZATION_REQUIRED}

log = structlog.get_logger(__name__)

Connect = Callable[[ShopDomain, AccessGrant], Awaitable[Shop]]
StartSync = Callable[[ShopDomain, SyncMode], Awaitable[None]]


class Arrivals:
    """The ways by which shops come. Several processes may meet the same shop: one takes it up."""

    def __init__(
        self,
        store: Store,
        oauth: OAuth,
        *,
        connect: Connect,
        start_sync: StartSync,
        holder: str,
        clock: Clock,
    ) -> None:
        """Take the open rooms, what connects a shop by a token, and what starts a run."""
        self._store = store
        self._oauth = oauth
        self._connect = connect
        self._start_sync = start_sync
        self._holder = holder
        self._clock = clock

    async def by_code(self, domain: ShopDomain, code: str) -> Shop:
        """Connect a shop by the code of an OAuth callback; its sync is not begun yet.

        Raises:
            SyncError: as ``OAuth.exchange_code`` and ``connect_shop``.
        """
        grant, _ = await self._oauth.exchange_code(domain, code)
        return await self._connect(domain, grant)

    async def by_client_credentials(self, domain: ShopDomain) -> Shop:
        """Connect a merchant's own shop by the credentials of the merchant's own app.

        Raises:
            SyncError: as ``OAuth.by_client_credentials`` and ``connect_shop``.
        """
        return await self._connect(domain, await self._oauth.by_client_credentials(domain))

    async def by_session_token(self, domain: ShopDomain, session_token: str) -> bool:
        """See that the shop of a good session token is connected, and that its sync has begun.

        Returns whether it was connected by this call.

        Of many requests that come at once, one exchanges the token and the others wait for it. A
        shop that is stored is let in even where that fails: what is stored is its own.

        Raises:
            ShopBlockedError: a shop that comes for the first time is refused by Shopify.
            FatalError: Shopify does not accept the session token.
            RetryableError: it could not be taken up just now.
        """
        deadline = self._clock.monotonic_seconds() + _PATIENCE_SECONDS
        while self._clock.monotonic_seconds() < deadline:
            shop = await self._store.shops.get(domain)
            if shop is not None and shop.status not in _AWAY:
                return False
            lease = await self._store.leases.acquire(
                domain, _LEASE_NAME, holder=self._holder, seconds=_LEASE_SECONDS
            )
            if lease is not None:
                return await self._take_up(domain, session_token, lease)
            if shop is not None and shop.status is ShopStatus.REAUTHORIZATION_REQUIRED:
                return False  # somebody is at it, or it has just failed
            await self._clock.sleep(_POLL_SECONDS)
        raise ShopifyUnavailableError("the shop could not be connected yet: try again")

    async def begin_syncing(self, shop: Shop, before: Shop | None) -> None:
        """Begin to read a shop that was just connected; ``before`` is what it was until then."""
        if set(shop.synced_through) != set(Resource):
            await self._start_sync(shop.domain, SyncMode.INITIAL)
        elif before is None or before.status is not ShopStatus.ACTIVE:
            await self._start_sync(shop.domain, SyncMode.INCREMENTAL)

    async def _take_up(self, domain: ShopDomain, session_token: str, lease: Lease) -> bool:
        shop = await self._store.shops.get(domain)
        is_away = shop is None or shop.status in _AWAY
        try:
            if is_away:  # nobody was quicker
                grant = await self._oauth.exchange_session_token(domain, session_token)
                connected = await self._connect(domain, grant)
                log.info("shop.connected", shop=domain, by="session token")
                await self.begin_syncing(connected, shop)
        except SyncError as error:
            log.warning("shop.not_connected", shop=domain, reason=str(error))
            # Whoever comes next may try again, but not every request of a page that asks for more.
            await self._store.leases.renew(lease, seconds=_REST_AFTER_A_FAILURE_SECONDS)
            if shop is None or shop.status is ShopStatus.UNINSTALLED:
                raise
            return False
        except BaseException:
            await self._store.leases.release(lease)
            raise
        await self._store.leases.release(lease)
        return is_away
