"""How an order was paid, or was not."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.generate.ids import TRANSACTIONS_PER_ORDER, ShopIds
from sync_engine.simulator.generate.timeline import UNPAID_FATES, Fate, Timeline
from sync_engine.simulator.randomness import RandomStream
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.refund import OrderTransaction

Steps = tuple[tuple[str, str], ...]

_GATEWAYS = (
    ("shopify_payments", "Shopify payments"),
    ("paypal", "Paypal"),
    ("gift_card", "Gift card"),
    ("Klarna 💳", "Klarna 💳"),
)
_GATEWAY_WEIGHTS = (78, 93, 96, 100)
_MANUAL = ("Bank Deposit", "Bank Deposit")
_SALE = (("SALE", "SUCCESS"),)
_AUTHORIZATION = (("AUTHORIZATION", "SUCCESS"),)
_STYLES: tuple[Steps, ...] = (
    (("SALE", "FAILURE"), ("SALE", "SUCCESS")),
    (("AUTHORIZATION", "SUCCESS"), ("CAPTURE", "SUCCESS")),
    _SALE,
)
_STYLE_WEIGHTS = (2, 20, 100)
_UNPAID: Mapping[Fate, tuple[Steps, str]] = MappingProxyType(
    {
        Fate.PENDING: ((("SALE", "PENDING"),), "PENDING"),
        Fate.AUTHORIZED: (_AUTHORIZATION, "AUTHORIZED"),
        Fate.EXPIRED: (_AUTHORIZATION, "EXPIRED"),
        Fate.CANCELLED_UNPAID: ((*_AUTHORIZATION, ("VOID", "SUCCESS")), "VOIDED"),
        Fate.PARTIALLY_PAID: (_SALE, "PARTIALLY_PAID"),
    }
)


def received(fate: Fate, total: MoneyBag) -> MoneyBag:
    """What the customer paid of a total before anything was refunded."""
    if fate in UNPAID_FATES:
        return MoneyBag(0, 0, total.pair)
    return total.divided(2) if fate is Fate.PARTIALLY_PAID else total


class Payment(Struct, frozen=True, gc=False):
    """The transactions of an order and the financial status that they leave it in."""

    transactions: tuple[OrderTransaction, ...]
    financial_status: str | None


class Cashier:
    """Makes the payments of one shop."""

    def __init__(self, ids: ShopIds) -> None:
        self._ids = ids

    def payment(
        self, draw: RandomStream, index: int, timeline: Timeline, total: MoneyBag
    ) -> Payment:
        """The payment of an order, before anything was refunded."""
        gateway = draw.weighted(_GATEWAYS, _GATEWAY_WEIGHTS)
        style = draw.weighted(_STYLES, _STYLE_WEIGHTS)
        fate = timeline.fate
        if fate is Fate.NO_STATUS:
            return Payment((), None)
        if not total:
            return Payment((), "PAID")
        if fate is Fate.CANCELLED_UNPAID and timeline.cancelled is None:
            fate = Fate.AUTHORIZED
        steps, status = _UNPAID.get(fate, (style, "PAID"))
        if fate is Fate.PENDING:
            gateway = _MANUAL
        if fate is Fate.PARTIALLY_PAID:
            total = received(fate, total)
        return Payment(self._transactions(index, timeline, gateway, total, steps), status)

    def _transactions(
        self,
        index: int,
        timeline: Timeline,
        gateway: tuple[str, str],
        amount: MoneyBag,
        steps: Steps,
    ) -> tuple[OrderTransaction, ...]:
        made: list[OrderTransaction] = []
        for place, (kind, status) in enumerate(steps):
            moment = timeline.processed + 2 * place
            if kind == "VOID" and timeline.cancelled is not None:
                moment = timeline.cancelled
            made.append(
                OrderTransaction(
                    id=self._ids.transactions.id_of(index * TRANSACTIONS_PER_ORDER + place),
                    order_id=self._ids.orders.id_of(index),
                    kind=kind,
                    status=status,
                    gateway=gateway[0],
                    formatted_gateway=gateway[1],
                    amount=amount,
                    is_test=timeline.is_test,
                    created_at=utc(moment),
                    processed_at=utc(moment),
                    parent=made[0] if kind in {"CAPTURE", "VOID"} else None,
                )
            )
        return tuple(made)
