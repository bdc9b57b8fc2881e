"""Keeps a shop's access token good: renews it in time, and when Shopify refuses it in mid-run.

How another token is had follows from how the first one was: a refresh token for what came by
OAuth, the app's own credentials for a merchant's own app, nothing for what a person handed over.
"""

from datetime import timedelta

from sync_engine.model.clock import Clock
from sync_engine.model.errors import ShopifyUnavailableError, TokenRevokedError
from sync_engine.model.shop import AccessGrant, GrantKind
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.oauth import OAuth
from sync_engine.store.leases import LeaseRepository
from sync_engine.store.shops import ShopRepository

_RENEW_BEFORE_EXPIRY = timedelta(minutes=5)
_LEASE_NAME = "token"
_LEASE_SECONDS = 60.0
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 90.0


class TokenKeeper:
    """The token of one shop, for one piece of work. Several may exist: the lease lets one renew."""

    def __init__(
        self,
        shop: ShopDomain,
        *,
        shops: ShopRepository,
        leases: LeaseRepository,
        oauth: OAuth,
        clock: Clock,
        holder: str,
        migrates: bool = False,
    ) -> None:
        """Read nothing yet: the first caller does.

        ``migrates`` says whether tokens that stay good for ever are to become expiring ones.
        """
        self._shop = shop
        self._shops = shops
        self._leases = leases
        self._oauth = oauth
        self._clock = clock
        self._holder = holder
        self._migrates = migrates
        self._grant: AccessGrant | None = None

    async def current(self) -> str:
        """Return the token, renewed where it is about to expire.

        Raises:
            TokenRevokedError: there is none, or it cannot be renewed.
        """
        grant = self._grant or await self._stored()
        if grant.expires_at is not None:
            left = grant.expires_at - self._clock.now()
            if left < _RENEW_BEFORE_EXPIRY:
                return await self.renewed(grant.access_token)
        self._grant = grant
        return grant.access_token

    async def maintain(self) -> None:
        """Renew the token where that is due, and give it an expiry where it should have one.

        Raises:
            TokenRevokedError: there is none, or it cannot be renewed.
        """
        grant = await self._stored()
        if self._migrates and grant.kind is GrantKind.OAUTH and grant.is_permanent:
            await self.renewed(grant.access_token)
        else:
            await self.current()

    async def renewed(self, rejected: str) -> str:
        """Return another token than the rejected one: renewed here, or meanwhile by somebody else.

        Raises:
            TokenRevokedError: no other can be had; the merchant has to open the app.
        """
        deadline = self._clock.monotonic_seconds() + _PATIENCE_SECONDS
        while self._clock.monotonic_seconds() < deadline:
            grant = await self._stored()
            if grant.access_token != rejected:
                self._grant = grant
                return grant.access_token
            if not self._can_renew(grant):
                message = "Shopify refuses the access token, and there is none to renew it with"
                raise TokenRevokedError(message)
            lease = await self._leases.acquire(
                self._shop, _LEASE_NAME, holder=self._holder, seconds=_LEASE_SECONDS
            )
            if lease is None:  # somebody else is renewing it
                await self._clock.sleep(_POLL_SECONDS)
                continue
            try:
                return await self._renew(rejected)
            finally:
                await self._leases.release(lease)
        raise ShopifyUnavailableError("the token could not be renewed: the lease did not come free")

    async def _renew(self, rejected: str) -> str:
        grant = await self._stored()
        if grant.access_token == rejected:
            if not self._can_renew(grant):
                raise TokenRevokedError("there is nothing to renew the access token with")
            grant = await self._another(grant)
            await self._shops.save_grant(self._shop, grant)
        self._grant = grant
        return grant.access_token

    def _can_renew(self, grant: AccessGrant) -> bool:
        if grant.kind is GrantKind.CLIENT_CREDENTIALS or grant.refresh_token is not None:
            return True
        return self._migrates and grant.kind is GrantKind.OAUTH

    async def _another(self, grant: AccessGrant) -> AccessGrant:
        if grant.kind is GrantKind.CLIENT_CREDENTIALS:
            return await self._oauth.by_client_credentials(self._shop)
        if grant.refresh_token is not None:
            return await self._oauth.refresh(self._shop, grant.refresh_token)
        return await self._oauth.migrate(self._shop, grant.access_token)

    async def _stored(self) -> AccessGrant:
        grant = await self._shops.grant(self._shop)
        if grant is None:
            raise TokenRevokedError("there is no access token: the merchant has to install the app")
        return grant
