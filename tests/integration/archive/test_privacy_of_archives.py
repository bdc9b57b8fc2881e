"""People get what archives hold of them, and people and shops are erased from archives too."""

from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from sync_engine.archive.archive import Archive
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import Merger, ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.privacy.person import person
from sync_engine.privacy.requests import PersonRequest, PrivacyRequests
from sync_engine.store.store import Store
from tests.examples import MONDAY, SHOP, batch, customer, order
from tests.integration.archive.archives import NOW, archive_in, files_in, shop_with_archive
from tests.integration.archive.faults import CrashError, at_step, die
from tests.integration.archive.summer import Tell, figures, summer_order
from tests.manual_clock import ManualClock


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


async def test_a_person_gets_and_loses_archived_orders_too(store: Store, tmp_path: Path) -> None:
    shop = await shop_with_archive(store, SHOP)
    long_ago = MONDAY.replace(month=7)
    orders = [
        order(number, created_at=long_ago, customer_id=7, tags=("ada7@example.com",))
        for number in (1, 2)
    ]
    recent = order(3, customer_id=7)
    async with store.changes(SHOP) as changes:
        for resource, records in (
            (Resource.CUSTOMERS, [customer(7)]),
            (Resource.ORDERS, [*orders, recent]),
        ):
            told = batch(*records, export_id=None)
            await changes.write(ShopChange(resource=resource, batch=told), now=NOW)
    archive = archive_in(store, tmp_path)
    assert (await archive.run(shop)).orders == 2
    requests = PrivacyRequests(store, ManualClock(), [archive])
    asked = PersonRequest(
        shop=SHOP, event_id="w1", asked_at=NOW, person=person(7), orders=(), request=1
    )

    await requests.export(asked)
    found = await store.data_exports.read("w1")
    assert found is not None
    assert [each["id"] for each in msgspec.json.decode(found[1])["orders"]] == [1, 2, 3]

    await requests.erase(msgspec.structs.replace(asked, event_id="w2"))
    rows = pq.read_table(tmp_path).to_pylist()
    assert [(row["customer_id"], row["tags"]) for row in rows] == [(None, [])] * 2
    assert await store.compare_rollups(SHOP) == []
    assert await archive.restore(SHOP, "2026-07") == 2
    left = await store.shop(SHOP).orders.get_many([1, 2, 3])
    assert [(each.customer_id, each.tags) for each in left.values()] == [(None, ())] * 3


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
