"""The words of a sync, spelled as the GraphQL contract spells them."""

from enum import StrEnum


class Resource(StrEnum):
    """What is copied, in the order in which it is taken: orders refer to the other two."""

    CUSTOMERS = "CUSTOMERS"
    PRODUCTS = "PRODUCTS"
    ORDERS = "ORDERS"


class SyncMode(StrEnum):
    """How much a run takes."""

    INITIAL = "INITIAL"
    INCREMENTAL = "INCREMENTAL"
    RECONCILE = "RECONCILE"


class SyncStrategy(StrEnum):
    """Over which of Shopify's interfaces a stage is pulled."""

    BULK = "BULK"
    GRAPHQL = "GRAPHQL"
    REST = "REST"


class SyncTrigger(StrEnum):
    """What asked for a run."""

    INSTALL = "INSTALL"
    SCHEDULE = "SCHEDULE"
    MANUAL = "MANUAL"
    WEBHOOK = "WEBHOOK"
    RECOVERY = "RECOVERY"


class SyncState(StrEnum):
    """Where a run stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_active(self) -> bool:
        """Whether the run still has work to do; a shop has at most one such run."""
        return self in {SyncState.QUEUED, SyncState.RUNNING}


class SyncPhase(StrEnum):
    """Where one resource of a run stands."""

    WAITING = "WAITING"
    EXPORTING = "EXPORTING"
    TRANSFERRING = "TRANSFERRING"
    DONE = "DONE"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to this resource in this run."""
        return self in {SyncPhase.DONE, SyncPhase.SKIPPED, SyncPhase.FAILED}


class SyncErrorCode(StrEnum):
    """Why a record, a stage or a run went wrong."""

    MALFORMED_RECORD = "MALFORMED_RECORD"
    STORE_REJECTED = "STORE_REJECTED"
    NETWORK = "NETWORK"
    TIMEOUT = "TIMEOUT"
    THROTTLED = "THROTTLED"
    SHOPIFY_ERROR = "SHOPIFY_ERROR"
    ACCESS_DENIED = "ACCESS_DENIED"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - a code, not a credential
    BULK_FAILED = "BULK_FAILED"
    INTERNAL = "INTERNAL"


class ShopStatus(StrEnum):
    """Whether a shop can be synced."""

    ACTIVE = "ACTIVE"
    REAUTHORIZATION_REQUIRED = "REAUTHORIZATION_REQUIRED"
    UNINSTALLED = "UNINSTALLED"
    SUSPENDED = "SUSPENDED"
