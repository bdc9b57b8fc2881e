"""Answers what Shopify passes on from people: what is stored of me, and erase it.

Each is noted when it comes and once more when it is done, by numbers alone, for longer than
anything else is kept. Doing it again changes nothing.

Source: shopify.dev, "Privacy law compliance", read 2026-11-23: 30 days are given for an answer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog

from sync_engine.model.audit import SHOPIFY, AuditEntry
from sync_engine.model.clock import Clock
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.privacy.erase_person import erase_person
from sync_engine.privacy.eraser import Eraser
from sync_engine.privacy.export_person import export_person
from sync_engine.privacy.person import Person
from sync_engine.store.data_exports import DataExport
from sync_engine.store.store import Store

log = structlog.get_logger(__name__)


class PersonRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request about a person; ``event_id`` is that of the webhook, ``request`` Shopify's own."""

    shop: ShopDomain
    event_id: str
    asked_at: datetime
    person: Person
    orders: tuple[int, ...]
    request: int | None


class PrivacyRequests:
    """Whoever has taken a request in, calls this until it does not raise."""

    def __init__(self, store: Store, clock: Clock, erasers: Sequence[Eraser] = ()) -> None:
        """Take the open store, and whatever else holds shops' data."""
        self._store = store
        self._clock = clock
        self._erasers = erasers

    async def export(self, asked: PersonRequest) -> None:
        """Keep what is stored about a person for the operator to hand over.

        Raises:
            SyncError: it could not be done now, or is too large to be kept.
        """
        now = self._clock.now()
        made = await export_person(
            self._store.shop(asked.shop),
            asked.person,
            orders=asked.orders,
            now=now,
        )
        export = DataExport(
            id=asked.event_id,
            shop=asked.shop,
            customer_id=asked.person.number,
            request=asked.request,
            asked_at=asked.asked_at,
            made_at=now,
            is_empty=made.is_empty,
        )
        await self._store.data_exports.add(export, made.document)
        details = {"customer_id": asked.person.number, "is_empty": made.is_empty}
        await self.note_done(asked.shop, asked.event_id, "person.exported", details)
        log.info("privacy.export_made", shop=asked.shop, request_id=asked.event_id)

    async def erase(self, asked: PersonRequest) -> None:
        """Erase a person.

        Raises:
            SyncError: it could not be done to the end now.
        """
        erased = await erase_person(
            self._store,
            asked.shop,
            asked.person,
            orders=asked.orders,
            erasers=self._erasers,
            now=self._clock.now(),
        )
        details = {"customer_id": asked.person.number} | msgspec.structs.asdict(erased)
        await self.note_done(asked.shop, asked.event_id, "person.erased", details)
        log.info("privacy.person_erased", shop=asked.shop, request_id=asked.event_id)

    async def purge(self, shop: ShopDomain, event_id: str) -> None:
        """Delete everything of a shop, but for the audit.

        Raises:
            SyncError: it could not be done to the end now.
        """
        for eraser in self._erasers:
            await eraser.erase_shop(shop)
        await self.note_done(shop, event_id, "shop.purged", {})
        await self._store.purge(shop)
        log.info("shop.purged", shop=shop)

    async def note(
        self, shop: ShopDomain, event_id: str, what: str, details: Mapping[str, Any]
    ) -> None:
        """Note what was asked for."""
        await self._add(event_id, shop, event_id, what, details)

    async def note_done(
        self, shop: ShopDomain, event_id: str, what: str, details: Mapping[str, Any]
    ) -> None:
        """Note what was done about it, the first time."""
        await self._add(f"{event_id}:done", shop, event_id, what, details)

    async def _add(
        self, entry_id: str, shop: ShopDomain, event_id: str, what: str, details: Mapping[str, Any]
    ) -> None:
        entry = AuditEntry(
            id=entry_id,
            shop=shop,
            what=what,
            who=SHOPIFY,
            at=self._clock.now(),
            correlation_id=event_id,
            details=dict(details),
        )
        await self._store.audit.add(entry)
