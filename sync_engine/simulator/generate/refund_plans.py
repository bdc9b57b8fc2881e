"""Which refunds the fate of an order means."""

from datetime import datetime

from sync_engine.simulator.generate import words
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.generate.ids import ShopIds
from sync_engine.simulator.generate.refunding import RefundRequest, with_refund
from sync_engine.simulator.generate.timeline import Fate, Timeline
from sync_engine.simulator.randomness import RandomStream
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order

_WHOLE = (1, 1)
_HALF = (1, 2)
_NOTHING = (0, 1)
_FEE_REASONS = ("RESTOCK", "DAMAGE", "REFUND_DISCREPANCY")
_GOODWILL_REASONS = ("REFUND_DISCREPANCY", "CUSTOMER", "REFUND_DISCREPANCY")


def with_refunds(order: Order, timeline: Timeline, draw: RandomStream, ids: ShopIds) -> Order:
    """The order after all refunds of its timeline, as far as anything was left to refund."""
    for place, moment in enumerate(timeline.refunded):
        is_last = place == len(timeline.refunded) - 1
        request = _request(order, timeline.fate, utc(moment), draw, is_last=is_last)
        if request.quantities or request.shipping_share[0] or request.adjustment:
            order = with_refund(order, request, ids)
    return order


def _request(
    order: Order, fate: Fate, at: datetime, draw: RandomStream, *, is_last: bool
) -> RefundRequest:
    note = draw.pick(words.REFUND_NOTES) if draw.chance(600) else None
    restock = "RETURN" if draw.chance(600) else "NO_RESTOCK"
    everything = {line.position: line.current_quantity for line in order.line_items}
    everything = {position: units for position, units in everything.items() if units}
    match fate:
        case Fate.CANCELLED_REFUNDED:
            return RefundRequest(
                at=at,
                quantities=everything,
                restock_type="CANCEL",
                shipping_share=_WHOLE,
                note=note,
            )
        case Fate.FULL_REFUND:
            return RefundRequest(
                at=at,
                quantities=everything,
                restock_type=restock,
                shipping_share=_WHOLE,
                note=note,
            )
        case Fate.SHIPPING_REFUND if order.totals.discounted_shipping:
            share = _HALF if draw.chance(300) else _WHOLE
            return RefundRequest(
                at=at, quantities={}, restock_type=restock, shipping_share=share, note=note
            )
        case Fate.GOODWILL | Fate.SHIPPING_REFUND:
            return RefundRequest(
                at=at,
                quantities={},
                restock_type=restock,
                adjustment=-_per_cent(order.totals.net_payment, draw.between(4, 30)),
                reason=draw.pick(_GOODWILL_REASONS),
                note=note,
            )
        case Fate.FEE_KEPT:
            some = _some(order, draw)
            return RefundRequest(
                at=at,
                quantities=some,
                restock_type="RETURN",
                adjustment=_per_cent(_worth(order, some), draw.between(5, 20)),
                reason=draw.pick(_FEE_REASONS),
                note=note,
            )
        case _:
            shares = _WHOLE if is_last and draw.chance(200) else _NOTHING
            return RefundRequest(
                at=at,
                quantities=_some(order, draw),
                restock_type=restock,
                shipping_share=shares,
                note=note,
            )


def _some(order: Order, draw: RandomStream) -> dict[int, int]:
    """Some units of some lines, at least one unit if any is left."""
    chosen: dict[int, int] = {}
    left = [line for line in order.line_items if line.current_quantity]
    for line in left:
        if draw.chance(450):
            chosen[line.position] = draw.between(1, line.current_quantity)
    if not chosen and left:
        line = draw.pick(left)
        chosen[line.position] = draw.between(1, line.current_quantity)
    return chosen


def _worth(order: Order, quantities: dict[int, int]) -> MoneyBag:
    worth = order.totals.zero
    for position, units in quantities.items():
        line = order.line_items[position]
        worth += line.subtotal.times(units).divided(line.quantity)
    return worth


def _per_cent(amount: MoneyBag, per_cent: int) -> MoneyBag:
    return MoneyBag(
        amount.shop_minor * per_cent // 100,
        amount.presentment_minor * per_cent // 100,
        amount.pair,
    )
