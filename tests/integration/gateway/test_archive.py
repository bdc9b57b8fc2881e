"""The archive as merchants and operators meet it: a setting, a job, commands."""

import io
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import pytest
import pytest_asyncio
from rich.console import Console
from structlog.testing import capture_logs

from config.settings import ArchiveSettings, Settings
from gateway.cli.archive import list_archive, restore_month, run_archive
from gateway.cli.doctor import examine
from gateway.cli.running import CommandError
from gateway.cli.serve import serving_gateway
from gateway.cli.shops import remove_shop
from sync_engine.installation.token_keepers import TokenKeepers
from sync_engine.model.errors import FatalError
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop import ShopSettings
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.open_engine import Duty, open_engine
from sync_engine.schedule.recurring_tasks import RecurringTasks
from sync_engine.store.store import Store
from tests.examples import SHOP, batch, connected_shop, order, run_under_way
from tests.integration.archive.archives import files_in
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.waiting import until

KEEP = """mutation($days: Int) {
  updateShopSettings(input: {shop: "first.myshopify.com", archiveAfterDays: $days}) {
    shop { settings { archiveAfterDays } } userErrors { code field message } } }"""
ORDERS = '{ shop(domain: "first.myshopify.com") { orders(first: 5) { totalCount } } }'
LONG_AGO = (datetime.now(UTC) - timedelta(days=100)).replace(microsecond=0)
MONTH = f"{LONG_AGO:%Y-%m}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def archiving(settings: Settings, folder: Path) -> Settings:
    """Return settings with an archive."""
    return settings.model_copy(update={"archive": ArchiveSettings(url=folder.as_uri())})


@pytest_asyncio.fixture
async def with_archive(archiving: Settings) -> AsyncIterator[Caller]:
    """Yield the operator of a gateway that has an archive, and does what is due."""
    async with (
        serving_gateway(archiving),
        httpx.AsyncClient(base_url=archiving.public_url, timeout=30) as client,
    ):
        yield Caller(client, OPERATOR_TOKEN)


@pytest_asyncio.fixture
async def old_orders(store: Store) -> None:
    """Connect a shop with three orders of a hundred days ago."""
    await connected_shop(store, timezone="UTC")
    orders = [order(number, created_at=LONG_AGO, processed_at=LONG_AGO) for number in (1, 2, 3)]
    told = batch(*orders, observed_at=datetime.now(UTC), export_id=None)
    async with store.changes(SHOP) as changes:
        await changes.write(ShopChange(resource=Resource.ORDERS, batch=told), now=datetime.now(UTC))


async def keep(caller: Caller, days: int | None) -> dict[str, object]:
    answer: dict[str, object] = (await caller.data(KEEP, days=days))["updateShopSettings"]
    return answer


@pytest.mark.usefixtures("old_orders")
async def test_without_an_archive_no_shop_can_ask_for_one(operator: Caller, store: Store) -> None:
    answer = await keep(operator, 30)
    assert answer["shop"] is None
    assert answer["userErrors"] == [
        {
            "code": "UNAVAILABLE",
            "field": ["input", "archiveAfterDays"],
            "message": "This server has no archive: its operator sets ECHOSIGNAL_ARCHIVE_URL.",
        }
    ]
    assert (await keep(operator, None))["userErrors"] == []
    assert await store.timetable.due_at(SHOP, RecurringJob.ARCHIVE) is None


@pytest.mark.usefixtures("old_orders")
async def test_old_orders_move_by_themselves(
    with_archive: Caller, store: Store, folder: Path
) -> None:
    assert (await keep(with_archive, 31))["userErrors"] == []
    await store.timetable.hasten(SHOP, RecurringJob.ARCHIVE)

    async def has_moved() -> bool:
        return await store.shop(SHOP).orders.count() == 0

    await until(has_moved)
    assert (await with_archive.data(ORDERS))["shop"]["orders"]["totalCount"] == 0
    assert len(files_in(folder)) == 1
    assert (await keep(with_archive, None))["userErrors"] == []
    assert await store.timetable.due_at(SHOP, RecurringJob.ARCHIVE) is None


async def no_sync(*_: object) -> bool:
    raise AssertionError


@pytest.mark.usefixtures("old_orders")
async def test_the_job_comes_back_after_a_run_and_says_where_there_is_no_archive(
    archiving: Settings, settings: Settings, store: Store
) -> None:
    await run_under_way(store)
    shop = await store.shops.save_settings(SHOP, ShopSettings(archive_after_days=31))
    assert shop is not None
    for given, answer, warnings in ((archiving, timedelta(minutes=1), 0), (settings, None, 1)):
        async with open_engine(given, duty=Duty.NONE) as engine:
            tasks = RecurringTasks(
                engine.store,
                clients=engine.clients,
                keepers=TokenKeepers(
                    engine.store, engine.shopify.oauth, holder="test", clock=engine.clock
                ),
                rollups=engine.rollups,
                archive=engine.archive,
                start_sync=no_sync,
                webhook_address=None,
                clock=engine.clock,
                random=Random(1),
            )
            with capture_logs() as logs:
                assert await tasks.by_job()[RecurringJob.ARCHIVE](shop) == answer
            assert [each["event"] for each in logs] == ["archive.not_configured"] * warnings
    assert await store.shop(SHOP).orders.count() == 3


@pytest.mark.usefixtures("old_orders")
async def test_operators_move_orders_and_bring_them_back(
    archiving: Settings, store: Store, folder: Path
) -> None:
    output = io.StringIO()
    console = Console(file=output, width=250)
    with pytest.raises(CommandError, match="keeps all orders"):
        await run_archive(archiving, SHOP, console, takes_restored=False)
    async with open_engine(archiving, duty=Duty.NONE) as engine:
        await engine.change_settings(SHOP, ShopSettings(archive_after_days=31))
    await list_archive(archiving, SHOP, console)
    await run_archive(archiving, SHOP, console, takes_restored=False)
    await list_archive(archiving, SHOP, console)
    await restore_month(archiving, SHOP, MONTH, console)
    assert await store.shop(SHOP).orders.count() == 3
    with pytest.raises(CommandError, match="is not a month"):
        await restore_month(archiving, SHOP, "yesterday", console)
    with pytest.raises(CommandError, match="nothing of 1999-01 is in the archive"):
        await restore_month(archiving, SHOP, "1999-01", console)
    await run_archive(archiving, SHOP, console, takes_restored=True)
    text = output.getvalue()
    assert "Nothing of first.myshopify.com is in the archive." in text
    assert text.count("3 orders have moved: whole months older than 31 days.") == 2
    assert f"orders of {MONTH} are back." in text
    assert f"shop=first.myshopify.com/month={MONTH}/orders-1-v1-" in text
    assert "settled" in text
    await remove_shop(archiving, SHOP, console, purges_data=True)
    assert files_in(folder) == []


async def test_the_doctor_looks_at_the_archive(archiving: Settings, folder: Path) -> None:
    output = io.StringIO()
    console = Console(file=output, width=250)
    with pytest.raises(CommandError):  # there is no Shopify
        await examine(archiving, console)
    assert f"archive: {folder.as_uri()} can be written" in output.getvalue()
    beside = f"{folder.as_uri()}/{_a_file(folder)}/folder"
    archiving = archiving.model_copy(update={"archive": ArchiveSettings(url=beside)})
    with pytest.raises(CommandError):
        await examine(archiving, console)
    assert "archive: the archive cannot be reached" in output.getvalue()


def _a_file(folder: Path) -> str:
    (folder / "file").write_text("no folder")
    return "file"


async def test_without_its_library_an_archive_is_refused_at_start(
    archiving: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("sync_engine.open_engine.find_spec", lambda _: None)
    with pytest.raises(FatalError, match="pip install 'echosignal\\[archive\\]'"):
        async with open_engine(archiving, duty=Duty.NONE):
            pass
