"""What a request executes against, and the tables that say how each field gets its value.

A field is simulated if a table has it. Getters answer JSON-ready values for leaves: ids as global
ids, amounts as text, enumerations by name; moments stay aware datetimes for the JSON writer.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from sync_engine.simulator.bulk.operation import BulkOperation, Snapshot
from sync_engine.simulator.bulk.operations import Submission
from sync_engine.simulator.graphql_api.paging import Collection
from sync_engine.simulator.search.periods import FOREVER
from sync_engine.simulator.shop import SimulatedShop

if TYPE_CHECKING:
    from sync_engine.simulator.shop_state import ShopState

_VISIBLE_SECONDS = 60 * 86_400

Getter = Callable[[Any], Any]
Arguments = Mapping[str, Any]


class SearchNote(Struct, frozen=True):
    """A warning about a search, for `extensions.search`."""

    path: tuple[str | int, ...]
    query: str
    parsed: object
    warnings: tuple[dict[str, str], ...]


class Backstage(Protocol):
    """What a request may set in motion besides reading records."""

    def file_url(self, snapshot: Snapshot, *, is_partial: bool) -> str:
        """Where an operation's result can be fetched."""

    def submit_bulk(self, submission: Submission, execution: "Execution") -> BulkOperation:
        """Take on a bulk operation.

        Raises:
            BulkQueryError: The query cannot run in bulk.
            BulkRefusedError: There is no room for it.
        """

    def note_cancel(self, operation: BulkOperation) -> None:
        """Follow an operation that was cancelled to its end."""

    def uninstall(self) -> None:
        """Remove the app from the shop."""


class Execution(Struct, frozen=True, kw_only=True):
    """One request's view of the shop.

    Attributes:
        moment: The simulated present, in seconds since 1970.
        version: The API version that serves the request.
        app: The client id of the app that asks.
        notes: Filled while fields are prepared.
    """

    state: "ShopState"
    moment: float
    version: str
    app: str
    scopes: frozenset[str]
    notes: list[SearchNote]
    backstage: Backstage

    @property
    def now(self) -> int:
        """The simulated present in whole seconds."""
        return int(self.moment)

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.shop.spec.timezone)

    @property
    def shop(self) -> SimulatedShop:
        """The records."""
        return self.state.shop

    @property
    def is_after_exclusive(self) -> bool:
        """Whether `>` in searches excludes the whole second, as from version 2026-10 on."""
        return self.version >= "2026-10"

    @property
    def orders_created_from(self) -> int:
        """The oldest order that the app may see, in seconds since 1970.

        Source: Order in the Admin API ("Only the last 60 days' worth of orders from a store are
        accessible from the Order object by default").
        """
        return -FOREVER if self.may("read_all_orders") else self.now - _VISIBLE_SECONDS

    def may(self, scope: str) -> bool:
        """Whether the token has a scope; writing implies reading."""
        return scope in self.scopes or scope.replace("read_", "write_", 1) in self.scopes


class Field(Struct, frozen=True):
    """A field whose value is at hand in its object."""

    get: Getter


class BoundField(Struct, frozen=True):
    """A field that needs its arguments or the request: `bind` makes its getter once a request."""

    bind: Callable[[Arguments, Execution], Getter]


class ConnectionField(Struct, frozen=True):
    """A connection; `bind` makes what turns an object into the list behind it."""

    bind: Callable[[Arguments, Execution], Callable[[Any], Collection]]


AnyField = Field | BoundField | ConnectionField
FieldTable = Mapping[str, AnyField]
