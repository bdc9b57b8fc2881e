"""People and shops are erased from their archives too."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sync_engine.archive.archive import Archive
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import Merger
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import SHOP
from tests.integration.archive.archives import (
    NOW,
    files_in,
)
from tests.integration.archive.faults import CrashError, at_step, die
from tests.integration.archive.summer import Tell, figures, summer_order


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
