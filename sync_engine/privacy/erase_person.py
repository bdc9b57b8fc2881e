"""Erases a person of a shop wherever they are stored, while what their orders cost stays."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from sync_engine.model.batch import Batch
from sync_engine.model.records import Order
from sync_engine.model.shop_change import Erasure, ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.privacy.eraser import Eraser
from sync_engine.privacy.find_person import errors_that, orders_of, webhooks_that
from sync_engine.privacy.person import Person
from sync_engine.store.store import Store


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How much there was."""

    orders: int
    webhooks: int
    errors: int
    exports: int


async def erase_person(
    store: Store,
    shop: ShopDomain,
    person: Person,
    *,
    orders: Collection[int],
    erasers: Sequence[Eraser],
    now: datetime,
) -> Erased:
    """Erase the person. Idempotent; where it is interrupted, doing it again does the rest.

    The customer's record goes last, because it says by which words the rest is found.

    Raises:
        RetryableError: it could not be done to the end now.
    """
    mine = store.shop(shop)
    customer = await mine.customers.get(person.number)
    known = person if customer is None else person.also_known(customer)
    theirs = await orders_of(mine, known, orders)
    webhooks = [event.id async for event in webhooks_that(mine, known.may_be_in)]
    errors = [error.id async for error in errors_that(mine, known.may_be_in)]
    await mine.events.forget_payloads(webhooks)
    await mine.errors.erase(errors, resource_id=person.gid, now=now)
    await mine.runs.forget(known.pattern)
    await mine.runs.forget_position(person.number)
    exports = await store.data_exports.forget(shop, person.number)
    for eraser in erasers:
        await eraser.erase_person(shop, person.number)
    erasure = Erasure(
        customer=person.number,
        at=now,
        orders=tuple(sorted(orders)),
        tags=_telling_tags(theirs, known),
    )
    async with store.changes(shop) as changes:
        await changes.write(
            ShopChange(resource=Resource.CUSTOMERS, batch=_nothing_else(now), erasures=(erasure,)),
            now=now,
        )
    return Erased(orders=len(theirs), webhooks=len(webhooks), errors=len(errors), exports=exports)


def _telling_tags(orders: Collection[Order], person: Person) -> tuple[str, ...]:
    tags = {tag for order in orders for tag in order.tags}
    return tuple(sorted(tag for tag in tags if person.may_be_in(tag)))


def _nothing_else(now: datetime) -> Batch:
    return Batch(records=(), loose_children=(), rejects=(), observed_at=now, checkpoint={})
