"""What a piece of a test asked of MongoDB, by MongoDB's own profiler."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

_WATCHED = {"customers", "products", "orders"}


@asynccontextmanager
async def profiled_reads(uri: str, database: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield a list that holds, after the block, every read of shops' records within it.

    Each has ``ns``, ``planSummary`` and, where MongoDB had to sort, ``hasSortStage``.
    """
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    profiled = client[database]
    reads: list[dict[str, Any]] = []
    try:
        await profiled.command("profile", 2)
        try:
            yield reads
        finally:
            await profiled.command("profile", 0)
        names = [f"{database}.{name}" for name in _WATCHED]
        found = profiled["system.profile"].find({"ns": {"$in": names}}).sort("ts", 1)
        reads += [entry async for entry in found]
        await profiled.drop_collection("system.profile")
    finally:
        client.close()
