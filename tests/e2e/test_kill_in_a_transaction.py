"""A process that is killed in the middle of a transaction holds up nobody who comes after it."""

import asyncio
import json
import os
import sys

from config.settings import load_settings
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.store import Store
from tests.e2e.conftest import MakeEnvironment
from tests.e2e.program import Program
from tests.examples import SHOP, connected_shop, event
from tests.simulator_process import Simulator
from tests.waiting import until

NOWHERE = Simulator("http://127.0.0.1:9", ())


async def test_webhooks_of_a_shop_go_on_at_once_after_a_kill_in_a_transaction(
    store: Store,
    make_environment: MakeEnvironment,
    mongodb_uri: str,
    database_name: str,
    encryption_key: str,
) -> None:
    await connected_shop(store)
    deletion = event(1, SHOP, topic="products/delete", body=json.dumps({"id": 7}).encode())
    async with store.intake.open():
        await store.intake.add(deletion)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.stuck_inbox"),
        env={**os.environ, **make_environment(NOWHERE)},  # noqa: TID251 - it inherits ours
        stdout=asyncio.subprocess.PIPE,
    )
    stuck = Program(process)
    async with asyncio.timeout(60):
        while (line := await stuck.line()) != "in the middle\n":
            assert line, "it ended before it came to a transaction"
    await stuck.kill_9()
    events = store.shop(SHOP).events
    assert await events.count(status=WebhookEventStatus.RECEIVED) == 1

    await store.leases.release_all()  # as if the dead process's lease had run out
    settings = load_settings(
        mongodb={"uri": mongodb_uri, "database": database_name}, encryption_keys=encryption_key
    )

    async def is_applied() -> bool:
        return await events.count(status=WebhookEventStatus.PROCESSED) == 1

    async with open_engine(settings, duty=Duty.EVERYTHING):
        await until(is_applied, within_seconds=20)  # MongoDB itself would take a minute
