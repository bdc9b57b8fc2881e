"""What an armed fault makes of a bulk operation."""

from msgspec import Struct


class BulkOutcome(Struct, frozen=True, kw_only=True):
    """How an operation goes wrong; the default does not.

    Attributes:
        stuck_in: CREATED or RUNNING: the operation never leaves that state (Shopify gives up after
            ten days).
        status: FAILED or CANCELED, in place of COMPLETED.
        has_partial_data: Whether the first half of the lines can be had as partial data.
        is_url_missing: COMPLETED without a URL although there are objects.
        count_error: Added to `objectCount`.
        is_cancel_stuck: Once cancelled, the operation stays in CANCELING.
    """

    stuck_in: str | None = None
    status: str | None = None
    error_code: str | None = None
    has_partial_data: bool = False
    is_url_missing: bool = False
    count_error: int = 0
    is_cancel_stuck: bool = False


UNDISTURBED = BulkOutcome()
