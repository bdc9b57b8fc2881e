"""Records encoded for storage, before any transaction begins.

Encoding is most of what a batch costs this process, so it is done once, while the batch before it
is being written, and a record that cannot be encoded is found out here, alone.
"""

import asyncio
from typing import Generic

import bson
import msgspec
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from sync_engine.model.batch import Batch, Reject
from sync_engine.model.gid import Gid
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import SyncErrorCode
from sync_engine.store.codec import CODEC_OPTIONS, Document
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT

_MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
_RECORDS_AT_A_STRETCH = 50


class UnsealableError(ValueError):
    """The record cannot become a document; the text says why."""


def seal_document(document: Document) -> RawBSONDocument:
    """Encode a document once and for all.

    Raises:
        UnsealableError: a value has no place in BSON, or all of it is too large.
    """
    try:
        encoded = bson.encode(document, codec_options=CODEC_OPTIONS)
    except (BSONError, OverflowError, UnicodeEncodeError) as error:
        raise UnsealableError(f"cannot be stored: {str(error)[:200]}") from error
    if len(encoded) > _MAX_DOCUMENT_BYTES:
        raise UnsealableError(f"too large to be stored: {len(encoded):,} bytes")
    return RawBSONDocument(encoded)


class SealedBatch(Generic[RecordT]):
    """A batch that is ready to be written: the newest version of each record, and the rejects."""

    def __init__(self, batch: Batch) -> None:
        """Begin with nothing sealed."""
        self.batch = batch
        self.records: dict[int, RecordT] = {}
        self.documents: dict[int, RawBSONDocument] = {}
        self.rejects = list(batch.rejects)

    def reject(self, number: int, reason: str) -> None:
        """Move a record to the rejects: it cannot be stored."""
        record = self.records.pop(number)
        self.documents.pop(number, None)
        self.rejects.append(
            Reject(
                code=SyncErrorCode.STORE_REJECTED,
                message=f"{type(record).__name__} {number} {reason}",
                resource_id=str(Gid(type(record).__name__, number)),
                payload=msgspec.json.encode(record).decode(),
            )
        )


async def seal_batch(
    kind: RecordKind[RecordT, FilterT, SortT], shop: ShopDomain, batch: Batch
) -> SealedBatch[RecordT]:
    """Encode a batch, a stretch at a time, so that other work goes on in between.

    Of two versions of a record the newer is kept.
    """
    sealed: SealedBatch[RecordT] = SealedBatch(batch)
    for record in batch.records:
        if not isinstance(record, kind.record_type):
            raise TypeError(f"a {type(record).__name__} among {kind.resource}")
        known = sealed.records.get(record.id)
        if known is None or record.updated_at >= known.updated_at:
            sealed.records[record.id] = record
    for place, (number, record) in enumerate(list(sealed.records.items())):
        if place % _RECORDS_AT_A_STRETCH == 0:
            await asyncio.sleep(0)
        try:
            document = seal_document(kind.encode(shop, record, batch.observed(number)))
        except UnsealableError as error:
            sealed.reject(number, str(error))
        else:
            sealed.documents[number] = document
    return sealed
