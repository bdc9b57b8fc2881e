"""How far the rollups of a shop are: which generation is shown, which is being built.

A generation is complete, or has been filled up to some order and some customer: what lies below is
kept up to date by every transaction that writes orders, what lies above is still to be scanned.
Every such transaction writes the state first, so of two that meet only one goes on.
"""

from datetime import UTC, datetime

import msgspec

from sync_engine.model.errors import ShopGoneError
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection

ALL = 2**63 - 1
FORM = 2
"""What is kept, and how; to be raised with every change of it. 2: months of distinct customers."""

_NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """One set of rollups, in days of one time zone.

    Orders up to ``orders_through`` and customers up to ``customers_through`` are in it, but for
    what an import still holds back; ``import_token`` says which. One of another ``form`` than ours
    is not read, and is built anew.
    """

    number: int
    timezone: str
    orders_through: int = 0
    customers_through: int = 0
    import_token: str | None = None
    form: int = 1

    @property
    def is_readable(self) -> bool:
        """Whether it is in the form that this program reads and writes."""
        return self.form == FORM

    def is_of_use(self, timezone: str) -> bool:
        """Whether it can be filled for a shop of this time zone, or has to be begun anew."""
        return self.timezone == timezone and self.is_readable

    @property
    def is_complete(self) -> bool:
        """Whether every order and every customer is in it."""
        is_filled = self.orders_through == ALL and self.customers_through == ALL
        return is_filled and self.import_token is None


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """A generation that is not shown any more; readers may be at it for a moment."""

    number: int
    at: datetime


class RollupState(msgspec.Struct, frozen=True, kw_only=True):
    """The generations of a shop, the one that is shown first.

    ``fresh_as_of`` is until when the shown one held everything, should it not do so now; ``writes``
    counts the transactions that have locked the state.
    """

    generations: tuple[Generation, ...]
    writes: int = 0
    fresh_as_of: datetime = _NOTHING_YET
    retired: tuple[Retired, ...] = ()

    @property
    def shown(self) -> Generation:
        """The generation that reports read."""
        return self.generations[0]

    @property
    def newest(self) -> Generation:
        """The generation that is to be shown in the end."""
        return self.generations[-1]

    def with_generation(self, changed: Generation) -> "RollupState":
        """Return the state with one of its generations changed."""
        generations = tuple(
            changed if each.number == changed.number else each for each in self.generations
        )
        return msgspec.structs.replace(self, generations=generations)


def with_new_generation(state: RollupState, timezone: str, now: datetime) -> RollupState:
    """Return the state with an empty generation to be built beside the one that is shown."""
    used = {each.number for each in state.generations} | {each.number for each in state.retired}
    given_up = [Retired(number=each.number, at=now) for each in state.generations[1:]]
    return msgspec.structs.replace(
        state,
        generations=(state.shown, Generation(number=max(used) + 1, timezone=timezone, form=FORM)),
        retired=(*state.retired, *given_up),
    )


class RollupStates:
    """The state of one shop."""

    def __init__(
        self, states: ScopedCollection, shops: ScopedCollection, orders: ScopedCollection
    ) -> None:
        """Take the collections as one shop sees them."""
        self._states = states
        self._shops = shops
        self._orders = orders
        self._key = {"_id": states.shop}

    async def get(self, session: Session | None = None) -> RollupState | None:
        """Return the state; None where nothing of the shop was ever written."""
        with store_failures():
            document = await self._states.find_one(self._key, session=session)
        return None if document is None else from_document(document, RollupState)

    async def timezone(self) -> str:
        """Return the shop's time zone as Shopify last gave it."""
        with store_failures():
            shop = await self._shops.find_one({})
        return "UTC" if shop is None else shop["profile"]["iana_timezone"]

    async def has_orders(self) -> bool:
        """Whether any order is stored, a deleted one included."""
        with store_failures():
            return await self._orders.find_one({}) is not None

    async def begin(self) -> None:
        """Make the state of a shop that has none: complete where it has no orders. Idempotent."""
        through = 0 if await self.has_orders() else ALL
        first = Generation(
            number=1,
            timezone=await self.timezone(),
            orders_through=through,
            customers_through=through,
            form=FORM,
        )
        document = to_document(RollupState(generations=(first,)))
        with store_failures():
            await self._states.insert_one({**self._key, "shop_id": self._states.shop, **document})

    async def lock(self, session: Session) -> RollupState | None:
        """Take the turn to write rollups, for the rest of the transaction."""
        document = await self._states.find_one_and_update(
            self._key, {"$inc": {"writes": 1}}, session=session
        )
        return None if document is None else from_document(document, RollupState)

    async def locked(self, session: Session) -> RollupState:
        """Take the turn to write rollups of a shop that has some.

        Raises:
            ShopGoneError: it was purged.
        """
        state = await self.lock(session)
        if state is None:
            raise ShopGoneError("the shop was purged while its rollups were being built")
        return state

    async def save(self, state: RollupState, session: Session) -> None:
        """Write a state that this transaction has locked."""
        await self._states.find_one_and_update(
            self._key, {"$set": to_document(state)}, session=session
        )

    async def announce(
        self, state: RollupState, days: list[str], session: Session, *, may_be_any: bool = False
    ) -> None:
        """Tell whoever watches which days of the shown generation this transaction changes.

        None of them where it may be any.
        """
        days = [] if may_be_any else days
        if days or may_be_any:
            told: Document = {"announcement": {"write": state.writes, "days": days}}
            await self._states.find_one_and_update(self._key, {"$set": told}, session=session)
