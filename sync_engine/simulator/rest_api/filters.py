"""The query parameters of REST lists: what they mean, and which are refused.

Source: shopify.dev, REST Admin API reference (parameters of each list); a `limit` above 250 is
taken as 250, as real stores do.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from sync_engine.simulator.rest_api.order_json import FULFILLMENT_STATUSES
from sync_engine.simulator.search.periods import FOREVER

DEFAULT_LIMIT = 50
MAX_LIMIT = 250

Fits = Callable[[Any], bool]


class FilterError(Exception):
    """A parameter that cannot be used.

    Attributes:
        parameter: Its name.
    """

    def __init__(self, *, parameter: str, problem: str) -> None:
        super().__init__(problem)
        self.parameter = parameter


class Window(Struct, frozen=True):
    """Moments that fit, both ends included, in seconds since 1970."""

    low: int = -FOREVER
    high: int = FOREVER

    @property
    def is_open(self) -> bool:
        """Whether every moment fits."""
        return (self.low, self.high) == (-FOREVER, FOREVER)


class ListFilter(Struct, frozen=True, kw_only=True):
    """Which records a list holds.

    Attributes:
        fits: Conditions on the record itself; none of them need it when the tuple is empty.
    """

    ids: frozenset[int] | None
    since_id: int | None
    created: Window
    updated: Window
    processed: Window
    fits: tuple[Fits, ...]


def read_filter(resource: str, query: Mapping[str, str], zone: ZoneInfo) -> ListFilter:
    """The filter that query parameters describe.

    Raises:
        FilterError: One of them makes no sense.
    """
    return ListFilter(
        ids=_ids(query),
        since_id=_number(query, "since_id"),
        created=_window(query, "created_at", zone),
        updated=_window(query, "updated_at", zone),
        processed=_window(query, "processed_at", zone) if resource == "orders" else Window(),
        fits=tuple(_conditions(resource, query)),
    )


def read_limit(query: Mapping[str, str]) -> int:
    """How many records a page holds.

    Raises:
        FilterError: It is no positive number.
    """
    limit = _number(query, "limit")
    if limit is None:
        return DEFAULT_LIMIT
    if limit < 1:
        raise FilterError(parameter="limit", problem="limit must be greater than 0")
    return min(limit, MAX_LIMIT)


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None or text == "":
        return None
    if not text.isascii() or not text.isdigit():
        raise FilterError(parameter=name, problem="expected String to be a id")
    return int(text)


def _ids(query: Mapping[str, str]) -> frozenset[int] | None:
    text = query.get("ids")
    if not text:
        return None
    return frozenset(int(part) for part in text.split(",") if part.strip().isdigit())


def _window(query: Mapping[str, str], name: str, zone: ZoneInfo) -> Window:
    low = _moment(query, f"{name}_min", zone)
    high = _moment(query, f"{name}_max", zone)
    return Window(-FOREVER if low is None else low, FOREVER if high is None else high)


def _moment(query: Mapping[str, str], name: str, zone: ZoneInfo) -> int | None:
    text = query.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise FilterError(parameter=name, problem=f"{text} is not a valid date") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def _conditions(resource: str, query: Mapping[str, str]) -> list[Fits]:
    if resource == "orders":
        return _order_conditions(query)
    if resource == "products":
        return _product_conditions(query)
    return []


def _order_conditions(query: Mapping[str, str]) -> list[Fits]:
    fits: list[Fits] = []
    status = query.get("status") or "open"
    if status == "open":
        fits.append(lambda order: order.closed_at is None and order.cancelled_at is None)
    elif status == "closed":
        fits.append(lambda order: order.closed_at is not None and order.cancelled_at is None)
    elif status == "cancelled":
        fits.append(lambda order: order.cancelled_at is not None)
    elif status != "any":
        raise FilterError(parameter="status", problem=f"{status} is not a valid status")
    financial = query.get("financial_status") or "any"
    if financial == "unpaid":
        fits.append(lambda order: order.financial_status in _UNPAID)
    elif financial != "any":
        fits.append(lambda order: (order.financial_status or "").lower() == financial)
    fulfillment = query.get("fulfillment_status") or "any"
    if fulfillment != "any":
        wanted = _FULFILLMENT.get(fulfillment, frozenset({fulfillment}))
        fits.append(lambda order: FULFILLMENT_STATUSES.get(order.fulfillment_status) in wanted)
    name = query.get("name")
    if name:
        fits.append(lambda order: name in {order.name, str(order.number)})
    return fits


def _product_conditions(query: Mapping[str, str]) -> list[Fits]:
    fits: list[Fits] = []
    if query.get("status"):
        statuses = {part.strip().upper() for part in query["status"].split(",")}
        fits.append(lambda product: product.status in statuses)
    for name in ("vendor", "product_type", "handle", "title"):
        wanted = query.get(name)
        if wanted:
            fits.append(_equals(name, wanted))
    return fits


def _equals(name: str, wanted: str) -> Fits:
    return lambda record: getattr(record, name) == wanted


_UNPAID = frozenset({"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED"})
_FULFILLMENT: Mapping[str, frozenset[str | None]] = {
    "shipped": frozenset({"fulfilled"}),
    "partial": frozenset({"partial"}),
    "unshipped": frozenset({None}),
    "unfulfilled": frozenset({None, "partial"}),
}
