"""The eventful day, lived once for all tests that look at it."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from motor.motor_asyncio import AsyncIOMotorClient

from config.settings import load_settings
from tests.integration.observing import eventful_day
from tests.integration.observing.trace_collector import trace_collector
from tests.searched_log import SearchedLog
from tests.simulator_process import API_KEY, API_SECRET, simulator
from tests.unused_port import unused_port


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def day(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory, searched_log: SearchedLog
) -> AsyncIterator[eventful_day.Day]:
    """Yield what the day left behind."""
    directory: Path = tmp_path_factory.mktemp("day")
    database, port = f"test_{uuid.uuid4().hex}", unused_port()
    key = Fernet.generate_key().decode()
    with simulator(
        eventful_day.SPEC, cache=directory / "exports", arguments=("--bulk-seconds", "0.1")
    ) as shopify:
        async with trace_collector() as collector:
            settings = load_settings(
                port=port,
                public_url=f"http://127.0.0.1:{port}",
                data_dir=directory,
                mongodb={"uri": mongodb_uri, "database": database},
                encryption_keys=key,
                operator_token=eventful_day.OPERATOR_TOKEN,
                metrics={"token": eventful_day.METRICS_TOKEN},
                tracing={"endpoint": collector.endpoint},
                sync={"few_records": 0, "bulk_poll_seconds": 0.2},
                shopify={
                    "base_url": shopify.base_url,
                    "api_key": API_KEY,
                    "api_secret": API_SECRET,
                },
            )
            yield await eventful_day.live(
                settings, key, shopify=shopify, log=searched_log, collector=collector
            )
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongodb_uri)
    await client.drop_database(database)
    client.close()
