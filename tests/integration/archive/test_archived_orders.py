"""What an archived order is to everybody else, and what may go wrong with its file."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
import pytest_asyncio

from sync_engine.archive import shelf
from sync_engine.archive.archive import Archive
from sync_engine.model.archive import ArchiveError, PartState, StoredOrder
from sync_engine.model.batch import LooseChild
from sync_engine.model.errors import (
    ArchiveDamagedError,
    ArchiveUnavailableError,
    ArchiveWaitsError,
    LeaseLostError,
)
from sync_engine.model.records import Order
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import Merger, ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import SHOP, batch, commit, line_item, order, product, run_under_way
from tests.integration.archive.archives import (
    NOW,
    Documents,
    archive_in,
    files_in,
    shop_with_archive,
)
from tests.integration.archive.faults import CrashError, at_step, die
from tests.manual_clock import ManualClock

SUMMER = datetime(2026, 7, 14, 12, tzinfo=UTC)
SEEN = SUMMER + timedelta(days=1)


def summer_order(number: int, **changes: Any) -> Order:
    """Return an order of July 2026, as every order here is, of a customer of its own."""
    at = SUMMER + timedelta(hours=number)
    fields = {
        "created_at": at,
        "processed_at": at,
        "updated_at": at,
        "customer_id": 100 + number,
        "tags": (f"gift for {100 + number}",),
        "line_items": (line_item(number, product_id=7, unit_price=Decimal("5.00")),),
    }
    return order(number, **(fields | changes))


Tell = Callable[..., Awaitable[None]]


@pytest.fixture
def tell(store: Store) -> Tell:
    """Return what brings versions of orders, as webhooks do."""

    async def bring(*orders: Order, resource: Resource = Resource.ORDERS, **changes: Any) -> None:
        mergers = changes.pop("mergers", ())
        given = batch(*orders, **({"observed_at": SEEN, "export_id": None} | changes))
        change = ShopChange(resource=resource, batch=given, mergers=mergers)
        async with store.changes(SHOP) as writer:
            await writer.write(change, now=NOW)

    return bring


@pytest_asyncio.fixture
async def shop(store: Store, tell: Tell) -> Shop:
    """Return a shop with four orders of July, which are due."""
    connected = await shop_with_archive(store, SHOP)
    await tell(*(summer_order(number) for number in (1, 2, 3, 4)))
    return connected


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    """Return the archive."""
    return archive_in(store, tmp_path)


async def figures(store: Store) -> Any:
    """Return all rollups, which have to agree with the orders."""
    assert await store.compare_rollups(SHOP) == []
    rollups = store.shop(SHOP).rollups
    state = await rollups.state()
    assert state is not None
    return {
        (kind, period): cells async for kind, period, cells in rollups.all_cells(state.shown.number)
    }


async def moved(documents: Documents) -> set[int]:
    return {number for number, each in (await documents.of(SHOP)).items() if "archived" in each}


async def test_a_file_is_for_others_to_read_too(
    shop: Shop, archive: Archive, tmp_path: Path
) -> None:
    assert (await archive.run(shop)).orders == 4
    (part,) = await archive.parts(SHOP)
    assert (part.month, part.orders, part.state) == ("2026-07", 4, PartState.SETTLED)
    (file,) = files_in(tmp_path)
    assert file == tmp_path / str(part.file)
    assert part.size_bytes == file.stat().st_size
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"
    table = pq.read_table(tmp_path)  # the folders are columns
    assert set(table.column("month").to_pylist()) == {"2026-07"}
    assert table.column("id").to_pylist() == [1, 2, 3, 4]
    assert table.column("line_items").to_pylist()[0][0]["unit_price"] == Decimal("5.00")
    assert table.schema.metadata[b"echosignal.shop"] == SHOP.encode()
    assert table.schema.metadata[b"echosignal.orders"] == b"4"


async def test_only_whole_months_move_that_are_old_enough(
    store: Store, shop: Shop, archive: Archive, tell: Tell, documents: Documents
) -> None:
    # The clock stands at 24 November; the last of October is less than 31 days ago.
    for number, created_at in ((5, datetime(2026, 9, 30, 21, tzinfo=UTC)), (6, SUMMER)):
        await tell(order(number, created_at=created_at, processed_at=NOW))
    await tell(order(7, created_at=datetime(2026, 9, 30, 22, tzinfo=UTC)))  # October in Berlin
    await archive.run(shop)
    assert await moved(documents) == {1, 2, 3, 4, 5, 6}
    assert await store.shop(SHOP).orders.count() == 1
    settings = msgspec.structs.replace(shop.settings, archive_after_days=None)
    assert (await archive.run(msgspec.structs.replace(shop, settings=settings))).is_done


async def test_newer_versions_are_live_again_and_older_ones_raise_nothing(
    *,
    store: Store,
    shop: Shop,
    archive: Archive,
    tell: Tell,
    documents: Documents,
    tmp_path: Path,
) -> None:
    await archive.run(shop)
    before = await figures(store)
    await tell(summer_order(1), observed_at=SEEN - timedelta(hours=1))
    await tell(summer_order(1), summer_order(2), observed_at=NOW, reread=True)
    await tell(summer_order(3, updated_at=SUMMER, name="old"), observed_at=NOW)
    assert await moved(documents) == {1, 2, 3, 4}

    edited = summer_order(2, updated_at=NOW, total_tax=Decimal("1.00"))
    unmoved = summer_order(3, name="#3b")  # of the same second, looked at later
    await tell(edited, unmoved, observed_at=NOW)
    assert await moved(documents) == {1, 4}
    assert (await store.shop(SHOP).orders.get_many([1, 2, 3])) == {2: edited, 3: unmoved}
    assert await figures(store) != before
    await archive.run(shop)
    assert await moved(documents) == {1, 2, 3, 4}
    rows = pq.read_table(tmp_path)
    assert sorted(rows.column("name").to_pylist()) == ["#1", "#2", "#3b", "#4"]
    assert await archive.restore(SHOP, "2026-07") == 4
    assert await store.shop(SHOP).orders.get(2) == edited


async def test_restored_months_stay_until_they_are_asked_to_move(
    store: Store, shop: Shop, archive: Archive, documents: Documents, tmp_path: Path
) -> None:
    as_they_were = await documents.of(SHOP)
    await archive.run(shop)
    assert await archive.restore(SHOP, "2026-07") == 4
    assert await documents.of(SHOP) == as_they_were
    assert files_in(tmp_path) == []
    assert await archive.restore(SHOP, "2026-07") == 0
    assert (await archive.run(shop)).orders == 0
    assert (await archive.run(shop, takes_restored=True)).orders == 4
    assert await store.shop(SHOP).orders.count() == 0
    with pytest.raises(ArchiveError, match="nothing of 2026-06"):
        await archive.restore(SHOP, "2026-06")


async def test_references_follow_what_happens_to_archived_orders(
    store: Store, shop: Shop, archive: Archive, tell: Tell, documents: Documents
) -> None:
    await tell(product(7), resource=Resource.PRODUCTS)
    await archive.run(shop)
    merger = Merger(kept=102, removed=101)
    await tell(resource=Resource.CUSTOMERS, deleted=(101,), mergers=(merger,))
    await tell(resource=Resource.PRODUCTS, deleted=(7,))
    await tell(deleted=(4,), observed_at=NOW)
    assert await moved(documents) == {1, 2, 3}
    in_archive = await figures(store)
    await archive.restore(SHOP, "2026-07")
    orders = await store.shop(SHOP).orders.get_many([1, 2, 3, 4])
    assert {number: each.customer_id for number, each in orders.items()} == {1: 102, 2: 102, 3: 103}
    lines = [line for each in orders.values() for line in each.line_items]
    assert {(line.product_id, line.variant_id) for line in lines} == {(None, None)}
    assert await figures(store) == in_archive


async def test_children_that_come_late_in_an_export_raise_nothing(
    store: Store, shop: Shop, archive: Archive, documents: Documents
) -> None:
    await archive.run(shop)
    run = await run_under_way(store)
    bare = msgspec.structs.replace(summer_order(1), line_items=())
    loose = LooseChild(parent_id=1, child=summer_order(1).line_items[0])
    run = await commit(store, run, Resource.ORDERS, batch(bare, observed_at=NOW))
    run = await commit(store, run, Resource.ORDERS, batch(loose_children=(loose,), observed_at=NOW))
    assert await moved(documents) == {1, 2, 3, 4}
    assert "is_outdated" not in (await documents.of(SHOP))[1]
    unknown = LooseChild(parent_id=1, child=line_item(99))
    await commit(store, run, Resource.ORDERS, batch(loose_children=(unknown,), observed_at=NOW))
    assert (await documents.of(SHOP))[1]["is_outdated"]  # so it is read anew
    assert await figures(store)


async def test_what_comes_later_than_its_month_is_spread_over_files(
    monkeypatch: pytest.MonkeyPatch,
    *,
    store: Store,
    shop: Shop,
    tell: Tell,
    documents: Documents,
    tmp_path: Path,
) -> None:
    archive = archive_in(store, tmp_path, orders_in_a_part=3)
    whole = await documents.of(SHOP)
    await archive.run(shop)
    assert [part.orders for part in await archive.parts(SHOP)] == [3, 1]
    late = [
        summer_order(number, created_at=SUMMER + timedelta(hours=number % 4, minutes=number))
        for number in range(5, 13)
    ]
    await tell(*late)
    whole = await documents.of(SHOP) | whole
    as_they_were = await figures(store)
    for step in range(100):
        with suppress(CrashError), at_step(monkeypatch, step, before=die) as steps:
            await archive.run(shop)
        assert await figures(store) == as_they_were
        if len(steps.done) <= step:
            break
    assert await moved(documents) == set(range(1, 13))
    parts = await archive.parts(SHOP)
    assert {tmp_path / str(part.file) for part in parts} == set(files_in(tmp_path))
    assert all(0 < part.orders <= 6 for part in parts)
    assert sorted(pq.read_table(tmp_path).column("id").to_pylist()) == list(range(1, 13))
    for step in range(100):
        with suppress(CrashError), at_step(monkeypatch, step, after=die) as steps:
            await archive.restore(SHOP, "2026-07")
        if len(steps.done) <= step:
            break
    assert (await documents.of(SHOP)) == whole
    assert await figures(store) == as_they_were
    assert files_in(tmp_path) == []


async def test_a_file_of_which_nothing_counts_any_more_goes(
    monkeypatch: pytest.MonkeyPatch,
    *,
    store: Store,
    shop: Shop,
    archive: Archive,
    tell: Tell,
    tmp_path: Path,
) -> None:
    await archive.run(shop)
    await tell(deleted=(1, 2, 3, 4), observed_at=NOW)
    for step in range(20):
        with suppress(CrashError), at_step(monkeypatch, step, after=die) as steps:
            await archive.erase_person(SHOP, 101)
        if len(steps.done) <= step:
            break
    assert files_in(tmp_path) == []
    assert await archive.parts(SHOP) == []
    assert await store.shop(SHOP).orders.count() == 0


async def test_nothing_moves_while_a_run_may_still_bring_parts_of_orders(
    store: Store, shop: Shop, archive: Archive, documents: Documents
) -> None:
    run = await run_under_way(store)
    with pytest.raises(ArchiveWaitsError):
        await archive.run(shop)
    assert await moved(documents) == set()
    await store.shop(SHOP).runs.request_cancel(run.id, now=NOW)


async def test_it_stops_when_the_time_is_up_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, store: Store, shop: Shop, tmp_path: Path
) -> None:
    monkeypatch.setattr(shelf, "_ORDERS_AT_ONCE", 1)
    clock = ManualClock()
    archive = archive_in(store, tmp_path, clock=clock)

    async def second_passes() -> None:
        clock.advance(1)

    for _ in range(2):
        with at_step(monkeypatch, 0, before=second_passes):
            done = await archive.run(shop, within_seconds=0.5)
        assert (done.orders, done.is_done) == (1, False)
    done = await archive.run(shop)
    assert (done.orders, done.is_done) == (2, True)


@pytest.mark.parametrize("harm", ["missing", "cut", "older"])
async def test_of_a_damaged_file_nothing_is_deleted(
    *,
    store: Store,
    shop: Shop,
    archive: Archive,
    tell: Tell,
    tmp_path: Path,
    harm: str,
) -> None:
    await archive.run(shop)
    (file,) = files_in(tmp_path)
    first = file.read_bytes()
    await tell(summer_order(2, updated_at=NOW), observed_at=NOW)
    await archive.run(shop)
    (file,) = files_in(tmp_path)
    match harm:
        case "missing":
            file.unlink()
        case "cut":
            file.write_bytes(first[: len(first) // 2])
        case _:
            file.write_bytes(first)
    left = files_in(tmp_path)
    await tell(summer_order(1, updated_at=NOW), observed_at=NOW)
    before = await figures(store)
    with pytest.raises(ArchiveDamagedError):
        await archive.run(shop)
    assert await store.shop(SHOP).orders.count() == 1
    with pytest.raises(ArchiveDamagedError):
        await archive.restore(SHOP, "2026-07")
    assert await store.shop(SHOP).orders.count() == (3 if harm == "older" else 1)
    assert files_in(tmp_path) == left
    assert await figures(store) == before


async def test_an_archive_that_cannot_be_written_changes_nothing(
    store: Store, shop: Shop, tmp_path: Path, documents: Documents
) -> None:
    place = tmp_path / "file"
    place.write_text("no folder")
    with pytest.raises(ArchiveUnavailableError):
        await archive_in(store, place).run(shop)
    with pytest.raises(ArchiveUnavailableError):
        await archive_in(store, place).probe()
    assert await moved(documents) == set()
    await archive_in(store, tmp_path / "folder").run(shop)
    assert await moved(documents) == {1, 2, 3, 4}


@pytest.mark.usefixtures("shop")
async def test_who_has_lost_the_lease_moves_nothing_more(
    store: Store, documents: Documents
) -> None:
    lost = await store.leases.acquire(SHOP, "archive", holder="slow", seconds=10)
    assert lost is not None
    rows = [StoredOrder(order=summer_order(1), observed_at=SEEN)]
    async with store.order_mover(lost) as mover:
        await store.leases.release(lost)
        assert await store.leases.acquire(SHOP, "archive", holder="next", seconds=10) is not None
        for work in (mover.take_away(rows, now=NOW), mover.bring_back(rows)):
            with pytest.raises(LeaseLostError):
                await work
    assert await moved(documents) == set()


async def test_a_person_is_erased_from_archives(
    monkeypatch: pytest.MonkeyPatch,
    *,
    store: Store,
    shop: Shop,
    archive: Archive,
    tell: Tell,
    tmp_path: Path,
) -> None:
    await archive.run(shop)
    assert [each.id for each in await archive.orders_of(SHOP, 101)] == [1]
    merger = Merger(kept=102, removed=101)  # since the file was written
    await tell(resource=Resource.CUSTOMERS, deleted=(101,), mergers=(merger,))
    await tell(summer_order(3, updated_at=NOW), observed_at=NOW)  # its row is outdated
    assert [each.id for each in await archive.orders_of(SHOP, 102)] == [1, 2]
    with at_step(monkeypatch, 1, after=die), pytest.raises(CrashError):
        await archive.erase_person(SHOP, 102)
    await archive.erase_person(SHOP, 102)
    named = pq.read_table(tmp_path).to_pylist()
    assert {row["id"]: row["customer_id"] for row in named} == {1: None, 2: None, 4: 104}
    assert [row["tags"] for row in named] == [[], [], ["gift for 104"]]
    assert await archive.orders_of(SHOP, 102) == []
    assert len(files_in(tmp_path)) == 1
    await figures(store)
    written = files_in(tmp_path)
    await archive.erase_person(SHOP, 102)
    assert files_in(tmp_path) == written  # there was nothing left to do
    assert await archive.restore(SHOP, "2026-07") == 3
    found = await store.shop(SHOP).orders.get_many([1, 2, 3, 4])
    assert [found[number].customer_id for number in (1, 2, 3, 4)] == [None, None, 103, 104]
    assert [len(found[number].tags) for number in (1, 2, 3, 4)] == [0, 0, 1, 1]


async def test_a_shop_is_erased_with_its_files(
    store: Store, shop: Shop, archive: Archive, tmp_path: Path
) -> None:
    (tmp_path / "shop=other.myshopify.com").mkdir()
    kept = tmp_path / "shop=other.myshopify.com" / "orders.parquet"
    kept.write_text("of another shop")
    await archive.run(shop)
    await archive.erase_shop(SHOP)
    await store.purge(SHOP)
    assert files_in(tmp_path) == [kept]
    assert await archive.parts(SHOP) == []
    await archive.erase_shop(SHOP)


async def test_a_stub_is_smaller_than_its_order(
    shop: Shop, archive: Archive, documents: Documents
) -> None:
    whole = (await documents.of(SHOP))[1]
    await archive.run(shop)
    stub = (await documents.of(SHOP))[1]
    assert stub.keys() - {"archived"} < whole.keys()
    assert "created_at" not in stub
    assert "name" not in stub
