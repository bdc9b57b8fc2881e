"""What a piece of a test asked of MongoDB, by MongoDB's own profiler."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient


def profiled_reads(uri: str, database: str) -> AbstractAsyncContextManager[list[dict[str, Any]]]:
    """Return what profiles the reads of shops' records."""
    return profiled_commands(uri, database, "customers", "products", "orders")


@asynccontextmanager
async def profiled_commands(
    uri: str, database: str, *collections: str
) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield a list that holds, after the block, every command on these collections within it.

    Each has ``op``, ``ns``, ``planSummary`` and, where MongoDB had to sort, ``hasSortStage``.
    """
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    profiled = client[database]
    commands: list[dict[str, Any]] = []
    try:
        await profiled.command("profile", 2)
        try:
            yield commands
        finally:
            await profiled.command("profile", 0)
        names = [f"{database}.{name}" for name in collections]
        found = profiled["system.profile"].find({"ns": {"$in": names}}).sort("ts", 1)
        commands += [entry async for entry in found]
        await profiled.drop_collection("system.profile")
    finally:
        client.close()
