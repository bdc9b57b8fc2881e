"""What people may ask for holds for archived orders as well."""

from pathlib import Path

import msgspec
import pyarrow.parquet as pq

from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.privacy.person import person
from sync_engine.privacy.requests import PersonRequest, PrivacyRequests
from sync_engine.store.store import Store
from tests.examples import MONDAY, SHOP, batch, customer, order
from tests.integration.archive.archives import NOW, archive_in, shop_with_archive
from tests.manual_clock import ManualClock


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
