"""What can go wrong with a sync, grouped by what to do next.

    SyncError                            facts as attributes; never a token or payload in it
    ├─ RetryableError(retry_after)       the same thing may work later
    │   ├─ ThrottledError                Shopify's allowance is used up
    │   ├─ BulkSlotsBusyError            other bulk operations hold every slot
    │   ├─ ShopifyUnavailableError       5xx, timeouts, broken connections, no JSON
    │   ├─ CircuitOpenError(next_try)    the shop has not answered for a while and is left alone
    │   ├─ StoreUnavailableError         MongoDB does not answer
    │   ├─ ArchiveUnavailableError       the archive's files cannot be reached or written
    │   └─ ArchiveWaitsError             a run writes orders that are to be whole before they move
    ├─ ShopBlockedError(status)          this shop stops until a person acts; other shops go on
    │   ├─ TokenRevokedError
    │   ├─ ScopeMissingError(scopes)
    │   ├─ ShopFrozenError
    │   ├─ ShopNotFoundError             Shopify may say so in passing: asked again a few times
    │   └─ ShopGoneError
    ├─ StrategyClosedError               this road is shut, another may be open
    │   ├─ BulkNotEnabledError
    │   ├─ BulkDeniedError
    │   └─ RestClosedError
    ├─ RecordError(resource_id)          quarantine one record, keep the run
    │   ├─ MalformedRecordError
    │   ├─ OrphanChildError
    │   └─ StoreRejectedError
    ├─ RunStoppedError                   the run ends here, and not because of Shopify
    │   ├─ LeaseLostError                another worker took over
    │   └─ CancelRequestedError          a person asked for it
    └─ FatalError                        our bug or a broken promise: stop the run loudly
        ├─ QueryRejectedError
        ├─ QueryTooExpensiveError
        ├─ BulkFailedError(reason)
        └─ ArchiveDamagedError           a file is not what was written

Each class names the code under which it is shown to users. Whoever raises one writes the sentence;
whoever catches one reads only its class and attributes.
"""

from datetime import datetime
from typing import ClassVar

from sync_engine.model.sync_enums import ShopStatus, SyncErrorCode


class SyncError(Exception):
    """Anything that can go wrong with a sync and has been understood."""

    code: ClassVar[SyncErrorCode] = SyncErrorCode.INTERNAL


class RetryableError(SyncError):
    """The same thing may work later; the retry policy reads only this class and its field."""

    code = SyncErrorCode.SHOPIFY_ERROR

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        """Keep how long to wait, where the other side said so."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ThrottledError(RetryableError):
    """Shopify refused because the allowance is used up; the wait is computed, not guessed."""

    code = SyncErrorCode.THROTTLED


class BulkSlotsBusyError(RetryableError):
    """Every slot for bulk operations of this app and shop is taken."""

    code = SyncErrorCode.BULK_FAILED


class ShopifyUnavailableError(RetryableError):
    """Shopify answered 5xx or something that is not an answer, or the connection broke."""

    code = SyncErrorCode.NETWORK


class ShopifyTimeoutError(ShopifyUnavailableError):
    """Shopify took longer than we wait."""

    code = SyncErrorCode.TIMEOUT


class CircuitOpenError(RetryableError):
    """The shop has not answered for a while: it is left alone until the next try."""

    code = SyncErrorCode.NETWORK

    def __init__(self, message: str, *, retry_after_seconds: float, next_try_at: datetime) -> None:
        """Keep when it is tried again."""
        super().__init__(message, retry_after_seconds=retry_after_seconds)
        self.next_try_at = next_try_at


class StoreUnavailableError(RetryableError):
    """MongoDB does not answer, or has no primary."""

    code = SyncErrorCode.INTERNAL


class ArchiveUnavailableError(RetryableError):
    """The archive's directory or object store cannot be reached, or takes no more."""

    code = SyncErrorCode.INTERNAL


class ArchiveWaitsError(RetryableError):
    """A run is under way: no order moves before it has been read with all its parts."""

    code = SyncErrorCode.INTERNAL


class ShopBlockedError(SyncError):
    """This shop stops until a person acts; ``status`` is what the shop becomes, None as it was."""

    code = SyncErrorCode.ACCESS_DENIED
    status: ClassVar[ShopStatus | None] = None


class TokenRevokedError(ShopBlockedError):
    """Shopify refuses the token, and it could not be renewed."""

    code = SyncErrorCode.TOKEN_INVALID
    status = ShopStatus.REAUTHORIZATION_REQUIRED


class ShopMovedError(ShopBlockedError):
    """The shop answers under another domain: it has to be connected under that one."""

    status = ShopStatus.REAUTHORIZATION_REQUIRED


class ScopeMissingError(ShopBlockedError):
    """The token is good but was not granted what the request needs."""

    def __init__(self, message: str, *, scopes: tuple[str, ...] = ()) -> None:
        """Keep the scopes that are missing, where they are known."""
        super().__init__(message)
        self.scopes = scopes


class ShopFrozenError(ShopBlockedError):
    """Shopify answers 402 or 423: unpaid, or locked."""

    status = ShopStatus.SUSPENDED


class ShopNotFoundError(ShopBlockedError):
    """Shopify answers 404: the shop is closed or unknown, or the API is not where we look.

    That the app was uninstalled is never read out of this: only Shopify's webhook says so.
    """

    status = ShopStatus.SUSPENDED


class ShopGoneError(ShopBlockedError):
    """The shop is not connected here, or was purged, or its token belongs to another shop."""


class StrategyClosedError(SyncError):
    """This road is shut for the shop; another may be open."""

    code = SyncErrorCode.BULK_FAILED


class BulkNotEnabledError(StrategyClosedError):
    """Bulk operations are not enabled for this app."""


class BulkDeniedError(StrategyClosedError):
    """Shopify denies an export what it asks for; pages may still show all but some fields."""

    code = SyncErrorCode.ACCESS_DENIED


class RestClosedError(StrategyClosedError):
    """The REST API is not served to this app, or no longer."""

    code = SyncErrorCode.ACCESS_DENIED


class RecordError(SyncError):
    """One record cannot be kept; it is quarantined and the run goes on."""

    code = SyncErrorCode.MALFORMED_RECORD

    def __init__(self, message: str, *, resource_id: str | None = None) -> None:
        """Keep Shopify's id of the record, where it could be read."""
        super().__init__(message)
        self.resource_id = resource_id


class MalformedRecordError(RecordError):
    """The record is not JSON, or not of the promised shape."""


class OrphanChildError(RecordError):
    """A child line whose parent is not in the export."""


class StoreRejectedError(RecordError):
    """MongoDB refuses the document: too large, or against the collection's rules."""

    code = SyncErrorCode.STORE_REJECTED


class RunStoppedError(SyncError):
    """The run stops here, and not because of Shopify."""


class LeaseLostError(RunStoppedError):
    """Another worker holds the shop now; nothing more may be written under the old lease."""


class CancelRequestedError(RunStoppedError):
    """Somebody asked for the run to be cancelled."""


class FatalError(SyncError):
    """Our bug or a broken promise of Shopify's: stop the run loudly, retrying cannot help."""

    code = SyncErrorCode.SHOPIFY_ERROR


class QueryRejectedError(FatalError):
    """Shopify finds the query or its input invalid."""


class QueryTooExpensiveError(FatalError):
    """The query costs more than Shopify allows for one; only a smaller query can pass."""


class BulkFailedError(FatalError):
    """A bulk operation ended badly in every attempt, or its result contradicts its count."""

    code = SyncErrorCode.BULK_FAILED


class ArchiveDamagedError(FatalError):
    """A file of the archive is missing, or not what was written; nothing is deleted for it."""

    code = SyncErrorCode.INTERNAL
