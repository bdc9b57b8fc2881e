"""What may go wrong with an archive, and how nothing is lost by it."""

from pathlib import Path

import pytest

from sync_engine.archive import shelf
from sync_engine.archive.archive import Archive
from sync_engine.model.archive import StoredOrder
from sync_engine.model.errors import (
    ArchiveDamagedError,
    ArchiveUnavailableError,
    ArchiveWaitsError,
    LeaseLostError,
)
from sync_engine.model.shop import Shop
from sync_engine.store.store import Store
from tests.examples import SHOP, run_under_way
from tests.integration.archive.archives import (
    NOW,
    Documents,
    archive_in,
    files_in,
)
from tests.integration.archive.faults import at_step
from tests.integration.archive.summer import SEEN, Tell, figures, moved, summer_order
from tests.manual_clock import ManualClock


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
