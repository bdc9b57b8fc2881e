"""How the methods of the store are called: by the names of their parameters, or as is said here."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from sync_engine.model.batch import LooseChild
from sync_engine.model.run import Advance
from sync_engine.model.shop import AccessGrant
from sync_engine.model.sync_enums import Resource, ShopStatus
from sync_engine.store.rollups.customer_visits import CustomerVisits
from tests.examples import MONDAY, batch, event, line_item, order
from tests.integration.store.store_arguments import (
    ALWAYS_GIVEN,
    OTHERWISE_GIVEN,
    PART,
    World,
    arguments,
)
from tests.two_shops import MINE
from tests.waiting import until

Call = Callable[[World, Any], Awaitable[Any]]


async def _profile(world: World) -> Any:
    shop = await world.store.shops.get(MINE)
    assert shop is not None
    return shop.profile


async def _watch(world: World, feed: Any) -> None:
    async def is_asked() -> bool:
        return bool(world.watcher.sent)

    async with feed.open():
        await until(is_asked)


async def _add_event(world: World, intake: Any) -> None:
    del world
    async with intake.open():
        await intake.add(event(9, MINE))


async def _commit(world: World, writer: Any) -> None:
    if writer._kind.resource is Resource.ORDERS:  # noqa: SLF001
        sealed = await writer.seal(batch(order(1, name="again"), order(50), deleted=(3,)))
        await writer.commit(world.run, sealed, Advance(now=MONDAY))


async def _seal(world: World, writer: Any) -> None:
    del world
    if writer._kind.resource is Resource.ORDERS:  # noqa: SLF001
        await writer.seal(batch(order(1)))


def _moving(method: str) -> "Call":
    """Return what moves orders to the archive, and back for the method that does so."""

    async def move(world: World, _: Any) -> None:
        lease = await world.store.leases.acquire(MINE, "archive", holder="here", seconds=60)
        assert lease is not None
        rows = await world.store.archivable(MINE).whole(since=MONDAY, before=PART.created_until)
        assert rows
        async with world.store.order_mover(lease) as mover:
            mover._runs = mover._orders  # noqa: SLF001 - none of which is a run under way
            match method:
                case "save" | "remove":
                    await getattr(mover, method)(PART)
                case "forget_customer":
                    await mover.forget_customer(1)
                case _:
                    assert await mover.take_away(rows, now=MONDAY) == len(rows)
                    assert await mover.bring_back(rows) == len(rows)
        await world.store.leases.release(lease)

    return move


async def _visits(world: World, _: Any) -> None:
    async def work(session: Any) -> None:
        orders = world.store._scoped("orders", MINE)  # noqa: SLF001
        visits, _ = await CustomerVisits(orders, session).after(0, limit=1)
        assert visits

    await world.in_transaction(work)


async def _note_writer(world: World, leases: Any) -> None:
    del world
    lease = await leases.acquire(MINE, "writing", holder="here", seconds=60)
    await leases.note_writer(lease, "key")


async def _put(world: World, changes: Any) -> None:
    if changes._kind.resource is not Resource.ORDERS:  # noqa: SLF001
        return
    async with world.store.writers(MINE) as writers:
        sealed = await writers.batches[Resource.ORDERS].seal(batch(order(2, name="put")))
    await world.in_transaction(
        lambda session: changes.put(
            sealed, session, world.ledger(session), joined={}, may_lack_children=False
        )
    )


async def _connect(world: World, shops: Any) -> None:
    await shops.connect(await _profile(world), AccessGrant(access_token="x"), [], now=MONDAY)


async def _save_profile(world: World, shops: Any) -> None:
    await shops.save_profile(MINE, await _profile(world), [])


async def _page(world: World, reader: Any) -> None:
    del world
    for sort in reader.sorts:
        page = await reader.page(None, sort=sort, reverse=True, first=2)
        await reader.page(None, sort=sort, reverse=True, first=2, after=page.items[-1].cursor)


async def _join(world: World, late: Any) -> None:
    records = {99: order(99)}
    await world.in_transaction(
        lambda session: late.join_waiting("gid://shopify/BulkOperation/1", records, session)
    )


async def _place(world: World, late: Any) -> None:
    if late._kind.resource is not Resource.ORDERS:  # noqa: SLF001
        return
    children = [LooseChild(parent_id=parent, child=line_item(97)) for parent in (1, 99)]
    await world.in_transaction(
        lambda session: late.place(
            "gid://shopify/BulkOperation/1", children, MONDAY, session, world.ledger(session)
        )
    )


async def _lock(world: World, _: Any) -> None:
    await world.in_transaction(lambda session: world.ledger(session).lock())


async def _orders_where(world: World, _: Any) -> None:
    await world.in_transaction(
        lambda session: world.ledger(session).orders_where({"customer_id": 1})
    )


async def _settle(world: World, _: Any) -> None:
    async def work(session: Any) -> None:
        ledger = world.ledger(session)
        ledger.note(77, None, order(77, customer_id=1))
        await ledger.settle()

    await world.in_transaction(work)


async def _save_state(world: World, states: Any) -> None:
    async def work(session: Any) -> None:
        await states.save(await states.lock(session), session)

    await world.in_transaction(work)


async def _announce(world: World, states: Any) -> None:
    async def work(session: Any) -> None:
        await states.announce(await states.lock(session), ["2026-11-02"], session)

    await world.in_transaction(work)


async def _differences(world: World, _: Any) -> None:
    await world.store.compare_rollups(MINE)


async def _catch_up(world: World, feed: Any) -> None:
    del world
    with feed.listen(MINE):
        await feed.catch_up()


async def _write_now(world: World, importing: Any) -> None:
    del world
    importing._batches = 1_000  # noqa: SLF001
    await importing.write_now_and_then()


async def _committed(world: World, writer: Any) -> None:
    if writer._importing is not None:  # noqa: SLF001
        writer._importing._batches = 1_000  # noqa: SLF001
        async with world.mongo.transactions() as transactions:
            ledger = writer.ledger(transactions)
            await writer.committed(ledger)


async def _use_state(world: World, states: Any) -> None:
    del world
    await states.use(MINE, "another", now=MONDAY)


async def _set_status(world: World, shops: Any) -> None:
    del world
    await shops.set_status(MINE, ShopStatus.SUSPENDED, reason=None, now=MONDAY)


SPECIAL: dict[str, Call] = {
    "BatchWriter.commit": _commit,
    "BatchWriter.seal": _seal,
    "ChangeFeed.open": _watch,
    "EventIntake.add": _add_event,
    "InstallStates.use": _use_state,
    "LateChildren.join_waiting": _join,
    "LateChildren.place": _place,
    "CustomerVisits.after": _visits,
    "LeaseRepository.note_writer": _note_writer,
    "OrderLedger.lock": _lock,
    "OrderLedger.orders_where": _orders_where,
    "OrderLedger.settle": _settle,
    **{
        f"OrderMover.{name}": _moving(name)
        for name in ("save", "remove", "take_away", "bring_back", "forget_customer")
    },
    "RecordChanges.put": _put,
    "RecordReader.page": _page,
    "RollupComparison.differences": _differences,
    "RollupImport.write_now_and_then": _write_now,
    "RollupStates.announce": _announce,
    "RollupWriter.committed": _committed,
    "RollupStates.save": _save_state,
    "RunFeed.catch_up": _catch_up,
    "ShopRepository.connect": _connect,
    "ShopRepository.save_profile": _save_profile,
    "ShopRepository.set_status": _set_status,
}


async def call(world: World, instance: Any, method: str, *, is_context: bool) -> None:
    """Call a method of an instance with what the names of its parameters ask for."""
    special = SPECIAL.get(method)
    if special is not None:
        await special(world, instance)
        return
    bound = getattr(instance, method.partition(".")[2])
    known = arguments(world) | OTHERWISE_GIVEN.get(method, {})
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(bound).parameters.items():
        if parameter.default is inspect.Parameter.empty or name in ALWAYS_GIVEN.get(method, ()):
            assert name in known, f"say in SPECIAL how {method} is called: what is {name!r}?"
            given[name] = known[name]
    if "session" in given:

        async def within(session: Any) -> None:
            more = {"session": session, "ledger": world.ledger(session)}
            await bound(**(given | {name: each for name, each in more.items() if name in given}))

        await world.in_transaction(within)
    elif is_context:
        async with bound(**given):
            pass
    elif inspect.isasyncgenfunction(inspect.unwrap(bound)):
        async for _ in bound(**given):
            pass
    else:
        await bound(**given)
