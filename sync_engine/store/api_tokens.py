"""API tokens, hashed at rest. A token is shown once, when it is made."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec

from sync_engine.model.access import ApiToken, ViewerScope
from sync_engine.model.ids import new_id
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.failures import store_failures
from sync_engine.store.known_tokens import KnownTokens
from sync_engine.store.mongo import Mongo

_PREFIX = "echo"
_USE_RESOLUTION = timedelta(minutes=1)


class ApiTokenRepository:
    """The tokens of all shops: a token is what tells which shop its caller is."""

    def __init__(self, mongo: Mongo, is_heard: Callable[[], bool]) -> None:
        """Take the open database, and what says whether changes of tokens are heard of just now."""
        self._collection = mongo.collection("api_tokens")
        self._is_heard = is_heard
        self.known = KnownTokens()

    async def create(
        self,
        shop: ShopDomain,
        scopes: Collection[ViewerScope],
        *,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token; returns it and its text, which cannot be had again.

        The secret has 256 random bits, so a plain hash of it is enough.
        """
        token = ApiToken(
            id=new_id(now),
            shop=shop,
            scopes=tuple(sorted(scopes)),
            created_at=now,
            expires_at=expires_at,
        )
        secret = secrets.token_urlsafe(32)
        document = to_document(token)
        document["_id"] = document.pop("id")
        document["shop_id"] = document.pop("shop")
        document["secret_sha256"] = _digest(secret)
        with store_failures():
            await self._collection.insert_one(document)
        return token, f"{_PREFIX}_{token.id}_{secret}"

    async def authenticate(self, text: str, *, now: datetime) -> ApiToken | None:
        """Return the token that the text is, unless it is none of ours, revoked or past its time.

        Its last use is noted, to the minute. That it was revoked in another process is known here
        a moment later, and after some seconds at the latest.
        """
        prefix, _, rest = text.partition("_")
        token_id, _, secret = rest.partition("_")
        if prefix != _PREFIX or not secret:
            return None
        found = self.known.get(token_id) or await self._look_up(token_id)
        if found is None or not hmac.compare_digest(found[0], _digest(secret)):
            return None
        token = found[1]
        if not token.is_good(now):
            return None
        if token.last_used_at is None or now - token.last_used_at > _USE_RESOLUTION:
            await self._note_use(*found, now)
        return token

    async def _look_up(self, token_id: str) -> tuple[str, ApiToken] | None:
        changes = self.known.changes
        with store_failures():
            document = await self._collection.find_one({"_id": token_id, "revoked_at": None})
        if document is None:
            return None
        digest, token = document["secret_sha256"], _decode(document)
        if changes == self.known.changes and self._is_heard():  # and none was revoked meanwhile
            self.known.keep(digest, token)
        return digest, token

    async def _note_use(self, digest: str, token: ApiToken, now: datetime) -> None:
        with store_failures():
            await self._collection.update_one({"_id": token.id}, {"$set": {"last_used_at": now}})
        if self.known.get(token.id) is not None:
            self.known.keep(digest, msgspec.structs.replace(token, last_used_at=now))

    async def list(self, shop: ShopDomain | None = None) -> list[ApiToken]:
        """Return the tokens of a shop, or of all, in the order in which they were made."""
        condition: Document = {} if shop is None else {"shop_id": shop}
        with store_failures():
            found = self._collection.find(condition).sort([("shop_id", 1), ("created_at", 1)])
            return [_decode(document) async for document in found]

    async def revoke(self, token_id: str, *, now: datetime) -> bool:
        """End a token; False where there is none of that id. Idempotent."""
        with store_failures():
            result = await self._collection.update_one(
                {"_id": token_id}, [{"$set": {"revoked_at": {"$ifNull": ["$revoked_at", now]}}}]
            )
        self.known.drop(token_id)
        return result.matched_count == 1

    async def revoke_all(self, shop: ShopDomain, *, now: datetime) -> int:
        """End every token of a shop that is not revoked yet, and return how many those were."""
        with store_failures():
            result = await self._collection.update_many(
                {"shop_id": shop, "revoked_at": None}, {"$set": {"revoked_at": now}}
            )
        self.known.drop_all()
        return result.modified_count


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _decode(document: Document) -> ApiToken:
    return from_document({**document, "id": document["_id"], "shop": document["shop_id"]}, ApiToken)
