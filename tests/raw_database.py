"""The whole database as bytes, for tests that look for what must not be in it."""

from collections.abc import Collection
from typing import Any

from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient

COMPRESSED = "data_exports"
"""Where documents are compressed: whoever looks for words there has to count instead."""


async def raw_documents(uri: str, database: str) -> dict[str, list[bytes]]:
    """Return every document of every collection, as BSON."""
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(uri, document_class=RawBSONDocument)
    try:
        found = client[database]
        return {
            name: [bytes(document.raw) async for document in found[name].find({})]
            for name in await found.list_collection_names()
        }
    finally:
        client.close()


def holding(documents: dict[str, list[bytes]], words: Collection[str | int]) -> dict[str, set[str]]:
    """Return which collections hold which of the words, whatever their case; numbers both ways."""
    found: dict[str, set[str]] = {}
    for name, raws in documents.items():
        for raw in raws:
            low = raw.decode("utf-8", errors="replace").casefold()
            for word in words:
                is_there = str(word).casefold() in low
                if isinstance(word, int):
                    is_there = is_there or word.to_bytes(8, "little", signed=True) in raw
                if is_there:
                    found.setdefault(name, set()).add(str(word))
    return found
