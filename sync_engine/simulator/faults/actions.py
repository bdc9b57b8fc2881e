r"""What can happen to a request. Each action is a JSON object with a `type`.

Instead of the answer:

    {"type": "status", "status": 503}                  Shopify's body for that status: 401, 402,
                                                       403, 404, 406, 423, 429, 430, 500, 502 ...
    {"type": "respond", "status": 200,                 any answer: not JSON, half of it, empty, of
     "body": "{\"data\":", "headers": {}}               the wrong shape (sent as it stands)
    {"type": "throttle"}                               THROTTLED (GraphQL), 429 (others) out of the
                                                       blue; `retry_after` in seconds, for 429
    {"type": "graphql_error", "code": "INTERNAL_SERVER_ERROR", "message": "...",
     "data": null}                                     status 200 with that error, or another code
    {"type": "reset"}                                  the connection is reset, no byte is sent

The answer, disturbed on its way (every kind of request):

    {"type": "reset", "after_bytes": 1000}             reset in the middle of the body
    {"type": "cut", "after_bytes": 1000}               the body ends there, cleanly, as if complete
    {"type": "hang", "seconds": 30}                    nothing for that long, then the answer
    {"type": "drip", "bytes_per_second": 500}          the body comes slowly

Downloads (kind `download`; lines count from 1):

    {"type": "malform_line", "line": 7}                that line is not JSON
    {"type": "drop_id", "line": 7}                     that line has no `id`
    {"type": "expire_url", "after_bytes": 1000}        reset there; from then on the URL answers 403

Bulk operations (kind `bulk_submit`; the operation itself goes wrong later):

    {"type": "bulk", "stuck_in": "CREATED"}            or RUNNING: never leaves that state
    {"type": "bulk", "status": "FAILED", "error_code": "INTERNAL_SERVER_ERROR",
     "has_partial_data": true}                         or without; error codes as Shopify has them
    {"type": "bulk", "status": "CANCELED"}             Shopify itself cancels it
    {"type": "bulk", "is_url_missing": true}           COMPLETED, objects counted, but no URL
    {"type": "bulk", "count_error": -3}                objectCount is off by that much
    {"type": "bulk", "is_cancel_stuck": true}          a cancelled operation stays in CANCELING

Before an ordinary answer:

    {"type": "bucket", "maximum": 1000, "restore_rate": 50, "available": 0}
    {"type": "revoke_token"}                           401, and the token is gone for good
    {"type": "expire_token"}                           401; a refresh token still works
"""

from msgspec import Struct

from sync_engine.simulator.bulk.outcome import BulkOutcome


class Status(Struct, frozen=True, forbid_unknown_fields=True, tag="status"):
    """Answer with a status and Shopify's body for it."""

    status: int


class Respond(Struct, frozen=True, forbid_unknown_fields=True, tag="respond"):
    """Answer with exactly this."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = {}


class Throttle(Struct, frozen=True, forbid_unknown_fields=True, tag="throttle"):
    """Say that the limit is reached although it is not."""

    retry_after: float = 2.0


class GraphqlFault(Struct, frozen=True, forbid_unknown_fields=True, tag="graphql_error"):
    """Answer 200 with a top-level error."""

    code: str = "INTERNAL_SERVER_ERROR"
    message: str = "Internal error. Looks like something went wrong on our end."
    data: dict[str, object] | None = None


class Reset(Struct, frozen=True, forbid_unknown_fields=True, tag="reset"):
    """Reset the connection, before the answer or in the middle of it."""

    after_bytes: int | None = None


class Cut(Struct, frozen=True, forbid_unknown_fields=True, tag="cut"):
    """End the body early, as if it were complete."""

    after_bytes: int


class Hang(Struct, frozen=True, forbid_unknown_fields=True, tag="hang"):
    """Wait before answering."""

    seconds: float


class Drip(Struct, frozen=True, forbid_unknown_fields=True, tag="drip"):
    """Send the body slowly."""

    bytes_per_second: int


class MalformLine(Struct, frozen=True, forbid_unknown_fields=True, tag="malform_line"):
    """Break one line of a result file."""

    line: int


class DropId(Struct, frozen=True, forbid_unknown_fields=True, tag="drop_id"):
    """Take the id out of one line of a result file."""

    line: int


class ExpireUrl(Struct, frozen=True, forbid_unknown_fields=True, tag="expire_url"):
    """Let a result URL expire while it is being read."""

    after_bytes: int = 0


class Bulk(BulkOutcome, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bulk"):
    """Make something of a bulk operation."""


class Bucket(Struct, frozen=True, forbid_unknown_fields=True, tag="bucket"):
    """Change the GraphQL bucket of the asking app."""

    maximum: float | None = None
    restore_rate: float | None = None
    available: float | None = None


class RevokeToken(Struct, frozen=True, forbid_unknown_fields=True, tag="revoke_token"):
    """Revoke the token that the request carries."""


class ExpireToken(Struct, frozen=True, forbid_unknown_fields=True, tag="expire_token"):
    """Let the token that the request carries expire."""


Action = (
    Status
    | Respond
    | Throttle
    | GraphqlFault
    | Reset
    | Cut
    | Hang
    | Drip
    | MalformLine
    | DropId
    | ExpireUrl
    | Bulk
    | Bucket
    | RevokeToken
    | ExpireToken
)
