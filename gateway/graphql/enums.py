"""The exported enums with their descriptions. The engine's own are exported as they are.

Modules with exported types import enums from here, so that they are described by then.
"""

from enum import StrEnum

from gateway.access.principal import PrincipalKind
from gateway.graphql.describing import export_enum
from sync_engine.model.access import ViewerScope
from sync_engine.model.filters import CustomerSort, OrderSort, ProductSort
from sync_engine.model.kpi.periods import Granularity, KpiComparison
from sync_engine.model.sync_enums import (
    Resource,
    ShopStatus,
    SyncErrorCode,
    SyncMode,
    SyncPhase,
    SyncState,
    SyncStrategy,
    SyncTrigger,
)
from sync_engine.model.webhook_event import WebhookEventStatus

__all__ = [
    "CustomerSort",
    "Granularity",
    "KpiComparison",
    "OrderSort",
    "PrincipalKind",
    "ProductRanking",
    "ProductSort",
    "Resource",
    "ShopStatus",
    "SyncErrorCode",
    "SyncMode",
    "SyncPhase",
    "SyncStage",
    "SyncState",
    "SyncStrategy",
    "SyncTrigger",
    "UserErrorCode",
    "ViewerScope",
    "WebhookEventStatus",
]


class SyncStage(StrEnum):
    """What is being worked on, or that all is done."""

    CUSTOMERS = "CUSTOMERS"
    PRODUCTS = "PRODUCTS"
    ORDERS = "ORDERS"
    COMPLETE = "COMPLETE"


class UserErrorCode(StrEnum):
    """What a program can do about a user error."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    CONFLICT = "CONFLICT"
    SHOPIFY_REFUSED = "SHOPIFY_REFUSED"
    UNAVAILABLE = "UNAVAILABLE"


class ProductRanking(StrEnum):
    """What makes a product the first."""

    NET_SALES = "NET_SALES"
    UNITS = "UNITS"


_RESOURCES = {
    "CUSTOMERS": "Customers.",
    "PRODUCTS": "Products with their variants.",
    "ORDERS": "Orders with their lines and refunds.",
}
_DATES = {
    "CREATED_AT": "By the time of creation.",
    "UPDATED_AT": "By the time of the last change.",
}

export_enum(
    ViewerScope,
    "What a caller may do.",
    {
        "READ_DATA": "Read customers, products and orders.",
        "READ_KPIS": "Read the KPIs.",
        "READ_SYNC": "Read runs, errors and progress, and the sync status of a shop.",
        "WRITE_SYNC": "Start and cancel syncs.",
        "WRITE_SETTINGS": "Change the settings of a shop.",
        "MANAGE_SHOPS": "Connect and disconnect shops.",
    },
)
export_enum(
    KpiComparison,
    "What the figures of a range are compared with.",
    {
        "NONE": "Nothing.",
        "PREVIOUS_PERIOD": "As many days, directly before.",
        "PREVIOUS_YEAR": "The same days a year before; the 28th for the 29th of February.",
    },
)
export_enum(
    Granularity,
    "How long the steps of a series are.",
    {
        "DAY": "A day of the shop's calendar.",
        "WEEK": "An ISO week, from Monday to Sunday.",
        "MONTH": "A month of the calendar.",
    },
)
export_enum(
    ProductRanking,
    "What makes a product the first.",
    {"NET_SALES": "The amount sold.", "UNITS": "The quantity sold."},
)
export_enum(
    ShopStatus,
    "Whether a shop can be synced.",
    {
        "ACTIVE": "It can.",
        "REAUTHORIZATION_REQUIRED": "Shopify refuses the token: the merchant must open the "
        "app again.",
        "UNINSTALLED": "The app is not installed in the shop any more.",
        "SUSPENDED": "Shopify answers 402 or 423, frozen or locked, or 404, closed or unknown. It "
        "is asked again every day.",
    },
)
export_enum(
    Resource,
    "What is copied, in the order in which it is taken: orders refer to the other two.",
    _RESOURCES,
)
export_enum(
    SyncMode,
    "How much a run takes.",
    {
        "INITIAL": "Everything.",
        "INCREMENTAL": "What has changed since the last sync.",
        "RECONCILE": "The ids alone, to find what was deleted or missed unseen.",
    },
)
export_enum(
    SyncStrategy,
    "Over which of Shopify's interfaces a resource is pulled.",
    {
        "BULK": "Bulk operations of the GraphQL Admin API.",
        "GRAPHQL": "Pages of the GraphQL Admin API.",
        "REST": "Pages of the REST Admin API.",
    },
)
export_enum(
    SyncTrigger,
    "What asked for a run.",
    {
        "INSTALL": "The shop was installed.",
        "SCHEDULE": "It was due.",
        "MANUAL": "Somebody asked for it.",
        "WEBHOOK": "Shopify sent an event.",
        "RECOVERY": "Something had to be mended.",
    },
)
export_enum(
    SyncState,
    "Where a run stands.",
    {
        "QUEUED": "It waits for a worker.",
        "RUNNING": "A worker has taken it up.",
        "SUCCEEDED": "Everything that was asked for was read and kept.",
        "PARTIAL": "It is over; something could not be read or kept.",
        "FAILED": "It is over, and nothing could be read.",
        "CANCELLED": "It was stopped on request. What was stored stays.",
    },
)
export_enum(
    SyncPhase,
    "Where one resource of a run stands.",
    {
        "WAITING": "Its turn has not come.",
        "EXPORTING": "Shopify gathers the records.",
        "TRANSFERRING": "Records come and are stored.",
        "DONE": "All of them have come.",
        "SKIPPED": "There was nothing to do.",
        "FAILED": "It could not be read; see the errors of the run.",
    },
)
export_enum(
    SyncStage,
    "The progress stages: the resource being worked on, or complete.",
    {**_RESOURCES, "COMPLETE": "All is done."},
)
export_enum(
    SyncErrorCode,
    "Why a record, a stage or a run went wrong.",
    {
        "MALFORMED_RECORD": "A record or a part of it was not of the promised shape.",
        "STORE_REJECTED": "The database does not take the record.",
        "NETWORK": "Shopify could not be reached, or answered with a failure of its own.",
        "TIMEOUT": "Shopify took too long.",
        "THROTTLED": "Shopify's allowance was used up.",
        "SHOPIFY_ERROR": "Shopify refused the request.",
        "ACCESS_DENIED": "The shop does not allow this to the app.",
        "TOKEN_INVALID": "Shopify refuses the token.",
        "BULK_FAILED": "A bulk operation could not be run or ended badly.",
        "INTERNAL": "A failure of this service.",
    },
)
export_enum(
    WebhookEventStatus,
    "How far a webhook is.",
    {
        "RECEIVED": "It is stored, and applied in a moment, or later where that failed.",
        "PROCESSED": "It is applied, or there was nothing to do.",
        "SUPERSEDED": "A newer one about the same record made it needless.",
        "FAILED": "It could not be applied; the next sync brings what it told.",
    },
)
export_enum(
    CustomerSort,
    "What customers can be sorted on.",
    {**_DATES, "AMOUNT_SPENT": "By what the customer has spent."},
)
export_enum(
    ProductSort,
    "What products can be sorted on.",
    {**_DATES, "TITLE": "By the title, capitals first."},
)
export_enum(
    OrderSort,
    "What orders can be sorted on.",
    {**_DATES, "TOTAL_PRICE": "By what was charged."},
)
export_enum(
    UserErrorCode,
    "What a program can do about a user error.",
    {
        "INVALID": "The input is of no use: send something else.",
        "NOT_FOUND": "There is no such thing, as far as the caller may know.",
        "FORBIDDEN": "The caller may not do this.",
        "CONFLICT": "The present state does not allow it; the message says what has to "
        "happen first.",
        "SHOPIFY_REFUSED": "Shopify does not accept it.",
        "UNAVAILABLE": "It cannot be done now, or not yet.",
    },
)
export_enum(
    PrincipalKind,
    "What sort of caller it is.",
    {
        "OPERATOR": "Whoever runs this installation: sees every shop.",
        "SHOP": "A shop, which sees itself alone.",
    },
    name="ViewerKind",
)
