"""What an archived order is to everybody else."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from sync_engine.archive.archive import Archive
from sync_engine.model.archive import ArchiveError, PartState
from sync_engine.model.batch import LooseChild
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import Merger
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import SHOP, batch, commit, line_item, order, product, run_under_way
from tests.integration.archive.archives import (
    NOW,
    Documents,
    archive_in,
    files_in,
)
from tests.integration.archive.faults import CrashError, at_step, die
from tests.integration.archive.summer import SEEN, SUMMER, Tell, figures, moved, summer_order


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


async def doubted(store: Store) -> list[int]:
    export_id = str(batch().export_id)
    async with store.writers(SHOP) as writers:
        found = writers.settlement.in_doubt(Resource.ORDERS, export_id)
        return [number async for numbers in found for number in numbers]


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
    assert await doubted(store) == []
    unknown = batch(loose_children=(LooseChild(parent_id=1, child=line_item(99)),), observed_at=NOW)
    run = await commit(store, run, Resource.ORDERS, unknown)
    assert await doubted(store) == [1]  # so it is read anew
    stub = (await documents.of(SHOP))[1]
    assert "is_outdated" not in stub
    of_this_export = msgspec.structs.replace(unknown, observed_at=stub["archived"]["observed_at"])
    await commit(store, run, Resource.ORDERS, of_this_export)
    assert (await documents.of(SHOP))[1]["is_outdated"]  # by the next comparison
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


async def test_a_stub_is_smaller_than_its_order(
    shop: Shop, archive: Archive, documents: Documents
) -> None:
    whole = (await documents.of(SHOP))[1]
    await archive.run(shop)
    stub = (await documents.of(SHOP))[1]
    assert stub.keys() - {"archived"} < whole.keys()
    assert "created_at" not in stub
    assert "name" not in stub
