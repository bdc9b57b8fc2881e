"""What becomes of an order and when, decided from a few bits and without the order itself.

Search and sorting by time need the times of every order of a shop; this module gives them in a
microsecond, where a whole order takes a hundred. Nothing happens after the end of the history: an
order that would be refunded then is simply not refunded yet.
"""

from enum import Enum

from msgspec import Struct

from sync_engine.simulator.generate.calendar import DAY_SECONDS, Calendar
from sync_engine.simulator.randomness import keyed
from sync_engine.simulator.spec import ShopSpec

_MOMENT_SALT = 51
_FATE_SALT = 52
_HOUR = 3600
_REFUND_DAYS = 40


class Fate(Enum):
    """How an order ends."""

    PAID = "paid"
    PARTIAL_REFUND = "partial_refund"
    SEVERAL_REFUNDS = "several_refunds"
    FULL_REFUND = "full_refund"
    GOODWILL = "goodwill"
    SHIPPING_REFUND = "shipping_refund"
    FEE_KEPT = "fee_kept"
    CANCELLED_REFUNDED = "cancelled_refunded"
    CANCELLED_UNPAID = "cancelled_unpaid"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    EXPIRED = "expired"
    NO_STATUS = "no_status"


# Of 10,000 orders, cumulative. 430 are refunded sooner or later.
_FATES = (
    (9080, Fate.PAID),
    (9270, Fate.PARTIAL_REFUND),
    (9310, Fate.SEVERAL_REFUNDS),
    (9360, Fate.FULL_REFUND),
    (9400, Fate.GOODWILL),
    (9420, Fate.SHIPPING_REFUND),
    (9450, Fate.FEE_KEPT),
    (9510, Fate.CANCELLED_REFUNDED),
    (9590, Fate.CANCELLED_UNPAID),
    (9780, Fate.PENDING),
    (9900, Fate.AUTHORIZED),
    (9940, Fate.PARTIALLY_PAID),
    (9970, Fate.EXPIRED),
    (10_000, Fate.NO_STATUS),
)
REFUNDED_FATES = frozenset(
    {
        Fate.PARTIAL_REFUND,
        Fate.SEVERAL_REFUNDS,
        Fate.FULL_REFUND,
        Fate.GOODWILL,
        Fate.SHIPPING_REFUND,
        Fate.FEE_KEPT,
        Fate.CANCELLED_REFUNDED,
    }
)
UNPAID_FATES = frozenset(
    {Fate.CANCELLED_UNPAID, Fate.PENDING, Fate.AUTHORIZED, Fate.EXPIRED, Fate.NO_STATUS}
)


class Timeline(Struct, frozen=True, gc=False):
    """The moments of an order, in seconds since 1970; None for what did not happen."""

    fate: Fate
    is_test: bool
    created: int
    processed: int
    updated: int
    fulfilled: int | None
    closed: int | None
    cancelled: int | None
    refunded: tuple[int, ...]


class Timelines:
    """Gives the timeline of each order of a shop."""

    def __init__(self, spec: ShopSpec, calendar: Calendar) -> None:
        self._seed = spec.seed
        self._orders = spec.orders
        self._calendar = calendar

    def created_at_seconds(self, index: int) -> int:
        """When an order was created; ascends with the index."""
        return self._calendar.moment(_MOMENT_SALT, index, self._orders)

    def timeline(self, index: int) -> Timeline:
        """The whole timeline of an order."""
        return self._from(index, self.created_at_seconds(index), self._calendar.end)

    def fresh(self, index: int, now: int) -> Timeline:
        """The timeline of an order that is placed at this moment: paid, nothing else yet."""
        is_test = keyed(self._seed, _FATE_SALT, index) >> 14 & 127 == 0
        return Timeline(Fate.PAID, is_test, now, now, now, None, None, None, ())

    def _from(self, index: int, created: int, end: int) -> Timeline:
        bits = keyed(self._seed, _FATE_SALT, index)
        fate = _fate(bits & 16_383)
        is_test = bits >> 14 & 127 == 0
        processed = created
        if bits >> 21 & 127 == 1:
            processed -= _HOUR + (bits >> 28) % (30 * DAY_SECONDS)
        refunded = tuple(t for t in _refund_moments(fate, created, bits) if t < end)
        cancelled = None
        if fate is Fate.CANCELLED_REFUNDED:
            cancelled = refunded[0] if refunded else None
        elif fate is Fate.CANCELLED_UNPAID:
            cancelled = _before(end, created + _HOUR + (bits >> 40) % (9 * DAY_SECONDS))
        fulfilled = None
        if cancelled is None and fate not in UNPAID_FATES:
            fulfilled = _before(end, created + 6 * _HOUR + (bits >> 44) % (6 * DAY_SECONDS))
            if bits >> 35 & 15 == 0:
                fulfilled = None
        closed = None
        if cancelled is not None:
            closed = cancelled
        elif fulfilled is not None and bits >> 39 & 3:
            closed = _before(end, fulfilled + _HOUR)
        touched = created + (bits >> 20) % (200 * DAY_SECONDS) if bits >> 57 & 15 == 0 else created
        updated = max(
            created + bits % 90,
            fulfilled or 0,
            closed or 0,
            cancelled or 0,
            refunded[-1] if refunded else 0,
            touched,
        )
        return Timeline(
            fate,
            is_test,
            created,
            processed,
            min(updated, end - 1) if created < end else created,
            fulfilled,
            closed,
            cancelled,
            refunded,
        )


def _fate(draw: int) -> Fate:
    point = draw * 10_000 >> 14
    if point < _FATES[0][0]:
        return Fate.PAID
    return next(fate for bound, fate in _FATES if point < bound)


def _before(end: int, moment: int) -> int | None:
    return moment if moment < end else None


def _refund_moments(fate: Fate, created: int, bits: int) -> tuple[int, ...]:
    if fate not in REFUNDED_FATES:
        return ()
    if fate is Fate.CANCELLED_REFUNDED:
        return (created + _HOUR + (bits >> 30) % (3 * DAY_SECONDS),)
    count = 1
    if fate is Fate.SEVERAL_REFUNDS:
        count = 2 + (bits >> 29 & 1)
    span = (_REFUND_DAYS - 1) * DAY_SECONDS // count
    return tuple(
        created + DAY_SECONDS + span * place + (bits >> 30 + 7 * place) % span
        for place in range(count)
    )
