"""The connected shops: what they are, how far they are synced, and their encrypted tokens."""

import re
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

import msgspec

from sync_engine.model.errors import FatalError
from sync_engine.model.paging import Page, PageItem
from sync_engine.model.shop import (
    AccessGrant,
    ApiBudget,
    GrantKind,
    Shop,
    ShopProfile,
    ShopSettings,
)
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.cursors import Position, read_cursor, write_cursor
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo
from sync_engine.store.vault import Vault

_SEALED_FIELDS = ("access_token", "refresh_token")


class _SealedGrant(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    kind: GrantKind | None = None
    expires_at: datetime | None
    refresh_token: str | None
    refresh_expires_at: datetime | None


class ReencryptionOutcome(Enum):
    """What became of a grant that was to be under the newest key."""

    DONE = auto()
    ALREADY = auto()
    """The newest key opens it, or it was replaced meanwhile."""
    UNREADABLE = auto()
    """No key at hand opens it."""


class Reencryption(NamedTuple):
    """A shop's grant, and what became of it."""

    shop: ShopDomain
    outcome: ReencryptionOutcome


class ShopRepository:
    """All shops. The one repository that looks across them: it answers who there is."""

    def __init__(self, mongo: Mongo, vault: Vault) -> None:
        """Take the open database and the keys for the tokens."""
        self._collection = mongo.collection("shops")
        self._vault = vault

    async def connect(
        self, profile: ShopProfile, grant: AccessGrant, scopes: Collection[str], *, now: datetime
    ) -> Shop:
        """Store a shop that was installed, or installed again; its settings stay as they were."""
        with store_failures():
            document: Document = await self._collection.find_one_and_update(
                {"_id": profile.domain},
                {
                    "$set": {
                        "shop_id": profile.domain,
                        "profile": to_document(profile),
                        "status": ShopStatus.ACTIVE.value,
                        "status_reason": None,
                        "uninstalled_at": None,
                        "granted_scopes": sorted(scopes),
                        "grant": self._seal(grant),
                        "connected_at": now,
                    },
                    "$setOnInsert": {
                        "installed_at": now,
                        "settings": to_document(ShopSettings()),
                        "synced_through": {},
                        "budget": None,
                    },
                },
                upsert=True,
                return_document=True,
            )
        return _decode(document)

    async def get(self, domain: ShopDomain) -> Shop | None:
        """Return a shop, if it was ever connected."""
        return (await self.get_many([domain])).get(domain)

    async def get_many(self, domains: Collection[ShopDomain]) -> dict[ShopDomain, Shop]:
        """Return those of the shops that are there, by domain."""
        with store_failures():
            found = self._collection.find({"_id": {"$in": list(domains)}})
            shops = [_decode(document) async for document in found]
        return {shop.domain: shop for shop in shops}

    async def page(
        self,
        *,
        first: int,
        after: str | None = None,
        only: ShopDomain | None = None,
        statuses: Collection[ShopStatus] | None = None,
        search: str | None = None,
    ) -> Page[Shop]:
        """Return shops by domain; ``search`` looks for a piece of the domain or the name.

        ``only`` confines the list to one shop, for a caller who sees no other.

        Raises:
            InvalidCursorError: the cursor is not one of this list.
        """
        condition = _conditions(only, statuses, search)
        if after is not None:
            position = read_cursor(after, sort="DOMAIN", value_type=str, id_type=str)
            condition = {"$and": [condition, {"_id": {"$gt": position.value}}]}
        with store_failures():
            found = self._collection.find(condition).sort("_id", 1).limit(first + 1)
            shops = [_decode(document) async for document in found]
        return Page(
            items=tuple(
                PageItem(write_cursor(Position("DOMAIN", shop.domain, shop.domain)), shop)
                for shop in shops[:first]
            ),
            has_next_page=len(shops) > first,
        )

    async def count(
        self,
        *,
        only: ShopDomain | None = None,
        statuses: Collection[ShopStatus] | None = None,
        search: str | None = None,
    ) -> int:
        """Count the shops that match."""
        with store_failures():
            return await self._collection.count_documents(_conditions(only, statuses, search))

    async def grant(self, domain: ShopDomain) -> AccessGrant | None:
        """Return the tokens of a shop, decrypted; None where there are none."""
        with store_failures():
            document = await self._collection.find_one({"_id": domain}, {"grant": 1})
        if document is None or document.get("grant") is None:
            return None
        sealed = from_document(document["grant"], _SealedGrant)
        refresh = sealed.refresh_token
        return AccessGrant(
            access_token=self._vault.open(sealed.access_token),
            kind=_kind(sealed),
            expires_at=sealed.expires_at,
            refresh_token=None if refresh is None else self._vault.open(refresh),
            refresh_expires_at=sealed.refresh_expires_at,
        )

    async def save_grant(self, domain: ShopDomain, grant: AccessGrant) -> None:
        """Replace both tokens of a shop in one write: a new pair kills the old one.

        A shop that has left meanwhile gets none back.
        """
        is_here = {"_id": domain, "status": {"$ne": ShopStatus.UNINSTALLED.value}}
        with store_failures():
            await self._collection.update_one(is_here, {"$set": {"grant": self._seal(grant)}})

    async def encrypt_anew(self) -> AsyncIterator[Reencryption]:
        """Encrypt every stored grant with the newest key, and yield what became of each.

        May be stopped and begun again at any time: what the newest key opens is left as it is. A
        grant that is renewed meanwhile is under the newest key already and is not overwritten.
        """
        with store_failures():
            found = self._collection.find({"grant": {"$ne": None}}, {"grant": 1}).batch_size(100)
            async for document in found:
                domain = ShopDomain(document["_id"])
                yield Reencryption(domain, await self._encrypt_anew(domain, document["grant"]))

    async def _encrypt_anew(self, domain: ShopDomain, grant: Document) -> ReencryptionOutcome:
        sealed = {name: text for name in _SEALED_FIELDS if (text := grant.get(name)) is not None}
        if all(map(self._vault.is_newest, sealed.values())):
            return ReencryptionOutcome.ALREADY
        try:
            renewed = {
                f"grant.{name}": self._vault.seal(self._vault.open(text))
                for name, text in sealed.items()
            }
        except FatalError:
            return ReencryptionOutcome.UNREADABLE
        unchanged = {f"grant.{name}": text for name, text in sealed.items()}
        result = await self._collection.update_one({"_id": domain, **unchanged}, {"$set": renewed})
        is_written = result.matched_count == 1
        return ReencryptionOutcome.DONE if is_written else ReencryptionOutcome.ALREADY

    async def save_profile(
        self, domain: ShopDomain, profile: ShopProfile, scopes: Collection[str]
    ) -> None:
        """Keep what Shopify says of the shop and of the app's scopes now.

        Field by field, so that whoever follows the changes is told which of them are other ones.
        """
        fields = {f"profile.{name}": value for name, value in to_document(profile).items()}
        await self._set(domain, {**fields, "granted_scopes": sorted(scopes)})

    async def save_settings(self, domain: ShopDomain, settings: ShopSettings) -> Shop | None:
        """Replace what the merchant has set; None where the shop was never connected."""
        with store_failures():
            document: Document | None = await self._collection.find_one_and_update(
                {"_id": domain}, {"$set": {"settings": to_document(settings)}}, return_document=True
            )
        return None if document is None else _decode(document)

    async def every(self) -> AsyncIterator[Shop]:
        """Yield every shop that was ever connected, in no order that means anything."""
        with store_failures():
            async for document in self._collection.find({}).batch_size(500):
                yield _decode(document)

    async def save_budget(self, domain: ShopDomain, budget: ApiBudget) -> None:
        """Keep what is left of Shopify's allowance."""
        await self._set(domain, {"budget": to_document(budget)})

    async def set_status(
        self, domain: ShopDomain, status: ShopStatus, *, reason: str | None, now: datetime
    ) -> None:
        """Change what the shop is, and say why; leaving also forgets its tokens and sessions."""
        await self._set(domain, _of_status(status, reason, now))

    async def leave(
        self, domain: ShopDomain, *, left_at: datetime, reason: str, now: datetime
    ) -> bool:
        """Note that the shop has left; False where it was connected again since."""
        changes = _of_status(ShopStatus.UNINSTALLED, reason, now)
        with store_failures():
            result = await self._collection.update_one(
                {"_id": domain, "connected_at": {"$lt": left_at}}, {"$set": changes}
            )
        return result.matched_count == 1

    async def move_watermarks(
        self, domain: ShopDomain, synced_through: Mapping[Resource, datetime]
    ) -> None:
        """Note that everything up to these moments has been read; a watermark never goes back."""
        if synced_through:
            moved = {f"synced_through.{name.value}": at for name, at in synced_through.items()}
            with store_failures():
                await self._collection.update_one({"_id": domain}, {"$max": moved})

    async def _set(self, domain: ShopDomain, changes: Document) -> None:
        with store_failures():
            await self._collection.update_one({"_id": domain}, {"$set": changes})

    def _seal(self, grant: AccessGrant) -> Document:
        refresh = grant.refresh_token
        return to_document(
            _SealedGrant(
                access_token=self._vault.seal(grant.access_token),
                kind=grant.kind,
                expires_at=grant.expires_at,
                refresh_token=None if refresh is None else self._vault.seal(refresh),
                refresh_expires_at=grant.refresh_expires_at,
            )
        )


def _of_status(status: ShopStatus, reason: str | None, now: datetime) -> Document:
    changes: Document = {"status": status.value, "status_reason": reason}
    if status is ShopStatus.UNINSTALLED:
        changes |= {"uninstalled_at": now, "sessions_ended_at": now, "grant": None}
    return changes


def _kind(sealed: _SealedGrant) -> GrantKind:
    """Return how a grant was got; where that was not noted yet, only OAuth gave refresh tokens."""
    if sealed.kind is not None:
        return sealed.kind
    return GrantKind.GIVEN if sealed.refresh_token is None else GrantKind.OAUTH


def _decode(document: Document) -> Shop:
    return from_document({**document, "domain": document["_id"]}, Shop)


def _conditions(
    only: ShopDomain | None, statuses: Collection[ShopStatus] | None, search: str | None
) -> Document:
    condition: Document = {} if only is None else {"_id": only}
    if statuses is not None:
        condition["status"] = {"$in": [status.value for status in statuses]}
    if search:
        piece = {"$regex": re.escape(search), "$options": "i"}
        condition["$or"] = [{"_id": piece}, {"profile.name": piece}]
    return condition
