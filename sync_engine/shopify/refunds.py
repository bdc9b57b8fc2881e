"""Completes the refunds of orders with what bulk exports refuse: lines, shipping, adjustments."""

from collections.abc import Sequence

import msgspec

from sync_engine.model.batch import Reject
from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.gid import Gid, gid_number
from sync_engine.model.money import exact_amount
from sync_engine.model.records import Order, Refund, RefundLineItem
from sync_engine.model.sync_enums import SyncErrorCode
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document
from sync_engine.shopify.mapping.nodes import Connection, MoneyBag, Reference
from sync_engine.shopify.nodes_by_id import nodes_by_id
from sync_engine.shopify.unreadable import UNMAPPABLE


class _Line(msgspec.Struct, rename="camel"):
    quantity: int
    line_item: Reference
    subtotal_set: MoneyBag
    total_tax_set: MoneyBag


class _Shipping(msgspec.Struct, rename="camel"):
    subtotal_amount_set: MoneyBag
    tax_amount_set: MoneyBag


class _Adjustment(msgspec.Struct, rename="camel"):
    amount_set: MoneyBag
    tax_amount_set: MoneyBag


class _Refund(msgspec.Struct, rename="camel"):
    id: str
    refund_line_items: Connection[_Line] | None = None
    refund_shipping_lines: Connection[_Shipping] | None = None
    order_adjustments: Connection[_Adjustment] | None = None

    def open_lists(self) -> dict[str, str | bool | None]:
        """Return the variables that ask for what the three lists go on with."""
        wanted: dict[str, str | bool | None] = {}
        for name, found in (
            ("lines", self.refund_line_items),
            ("shipping", self.refund_shipping_lines),
            ("adjustments", self.order_adjustments),
        ):
            goes_on = found is not None and found.page_info.has_next_page
            wanted[name] = goes_on
            wanted[f"{name}After"] = found.page_info.end_cursor if found and goes_on else None
        return wanted


class _Order(msgspec.Struct):
    id: str
    refunds: list[_Refund]


_ORDER = msgspec.json.Decoder(_Order)


class _RefundAnswer(msgspec.Struct):
    nodes: list[_Refund | None]


class CompletedOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Orders with their refunds; what could not be completed; how many vanished meanwhile."""

    orders: tuple[Order, ...]
    rejects: tuple[Reject, ...]
    vanished_count: int


async def complete_refunds(client: ShopifyClient, orders: Sequence[Order]) -> CompletedOrders:
    """Fill in the refunds of orders; those without any pass untouched and cost nothing.

    An order that Shopify has deleted since it was read vanishes. Refunds that were made since are
    left to the next read.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    wanted = [order for order in orders if order.refunds]
    ids = [str(Gid("Order", order.id)) for order in wanted]
    answers = await nodes_by_id(client, document("order_refunds"), ids)
    raw = {order.id: each for order, each in zip(wanted, answers, strict=True) if each is not None}
    complete: list[Order] = []
    rejects: list[Reject] = []
    for order in orders:
        if not order.refunds:
            complete.append(order)
        elif order.id in raw:
            try:
                found = _ORDER.decode(raw[order.id])
                for refund in found.refunds:
                    await _drain(client, refund)
                complete.append(_filled(order, found))
            except UNMAPPABLE as error:
                rejects.append(_reject(order, raw[order.id], error))
    return CompletedOrders(
        orders=tuple(complete),
        rejects=tuple(rejects),
        vanished_count=len(orders) - len(complete) - len(rejects),
    )


def _reject(order: Order, found: msgspec.Raw, error: Exception) -> Reject:
    return Reject(
        code=SyncErrorCode.MALFORMED_RECORD,
        message=f"the refunds of order {order.name} cannot be read: {error}",
        resource_id=str(Gid("Order", order.id)),
        payload=bytes(found).decode(errors="replace"),
    )


async def _drain(client: ShopifyClient, refund: _Refund) -> None:
    """Read on where a list of the refund did not fit on its first page."""
    wanted = refund.open_lists()
    while any(value is True for value in wanted.values()):
        answer = await client.execute(
            document("refund_pages"), _RefundAnswer, {"id": refund.id, **wanted}
        )
        page = answer.nodes[0] if answer.nodes else None
        if page is None or page.open_lists() == wanted:
            message = f"the lists of {refund.id} do not go on where their cursors say"
            raise ShopifyUnavailableError(message)
        if refund.refund_line_items and page.refund_line_items:
            refund.refund_line_items.nodes += page.refund_line_items.nodes
        if refund.refund_shipping_lines and page.refund_shipping_lines:
            refund.refund_shipping_lines.nodes += page.refund_shipping_lines.nodes
        if refund.order_adjustments and page.order_adjustments:
            refund.order_adjustments.nodes += page.order_adjustments.nodes
        wanted = page.open_lists()


def _filled(order: Order, found: _Order) -> Order:
    details = {gid_number(refund.id): refund for refund in found.refunds}
    missing = [refund.id for refund in order.refunds if refund.id not in details]
    if missing:
        message = f"refund {missing[0]} came without its lines"
        raise ValueError(message)
    refunds = tuple(
        _with_details(refund, details[refund.id], order.currency_code) for refund in order.refunds
    )
    return msgspec.structs.replace(order, refunds=refunds)


def _with_details(refund: Refund, details: _Refund, currency: str) -> Refund:
    zero = exact_amount("0", currency)
    lines = details.refund_line_items.nodes if details.refund_line_items else []
    shipping = details.refund_shipping_lines.nodes if details.refund_shipping_lines else []
    adjustments = details.order_adjustments.nodes if details.order_adjustments else []
    return msgspec.structs.replace(
        refund,
        line_items=tuple(
            sorted(
                (
                    RefundLineItem(
                        line_item_id=gid_number(line.line_item.id),
                        quantity=line.quantity,
                        subtotal=line.subtotal_set.exact(currency),
                        tax=line.total_tax_set.exact(currency),
                    )
                    for line in lines
                ),
                key=lambda line: (line.line_item_id, line.quantity, line.subtotal),
            )
        ),
        shipping=sum((line.subtotal_amount_set.exact(currency) for line in shipping), zero),
        shipping_tax=sum((line.tax_amount_set.exact(currency) for line in shipping), zero),
        adjustment=sum((each.amount_set.exact(currency) for each in adjustments), zero),
        adjustment_tax=sum((each.tax_amount_set.exact(currency) for each in adjustments), zero),
    )
