"""What an order edit does: adds lines, takes units out of lines. No money moves by it.

A removed unit stays in `quantity` and leaves `current_quantity`; an added line counts in every sum
but the original total.

Source: orderEditBegin and LineItem in the Admin API; payload of `orders/edited`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.requests import AddedLine, EditLines
from sync_engine.simulator.generate.ids import LINES_PER_ORDER
from sync_engine.simulator.generate.pricing import part
from sync_engine.simulator.generate.settlement import settled
from sync_engine.simulator.lookup import Lookup
from sync_engine.simulator.records.line_item import LineItem
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order

_FIRST_EDIT = 78_000_000_000


def edit_lines(book: ShopBook, edit: EditLines) -> None:
    """Add lines to an order and take units out of it."""
    order = book.order(edit.id)
    if order.cancelled_at is not None:
        msg = f"order {order.id} is cancelled"
        raise EditError(msg)
    lines = list(order.line_items)
    places = {line.id: line.position for line in lines}
    for removed in edit.remove:
        place = places.get(removed.line_item_id)
        if place is None:
            msg = f"order {order.id} has no line {removed.line_item_id}"
            raise EditError(msg)
        lines[place] = _with_removed(lines[place], removed.quantity)
    added = [_added(book, order, wanted, len(lines) + n) for n, wanted in enumerate(edit.add)]
    if not added and not edit.remove:
        msg = "nothing to add or to remove"
        raise EditError(msg)
    edited = structs.replace(order, line_items=(*lines, *added), is_edited=True)
    edited = settled(edited)
    if edited.financial_status == "PAID" and edited.totals.outstanding.shop_minor > 0:
        edited = structs.replace(edited, financial_status="PARTIALLY_PAID")
    book.announce("orders/edited", "order", order.id, _told(book, edit, added))
    book.save_order(edited, "orders/updated")


def _with_removed(line: LineItem, quantity: int) -> LineItem:
    if not 0 < quantity <= line.current_quantity:
        msg = f"cannot remove {quantity} of line {line.id}"
        raise EditError(msg)
    before, after = line.refunded_quantity, line.refunded_quantity + quantity
    return structs.replace(
        line,
        refunded_quantity=after,
        refunded_subtotal=line.refunded_subtotal + _part(line.subtotal, line, before, after),
        refunded_tax=line.refunded_tax + _part(line.tax, line, before, after),
    )


def _added(book: ShopBook, order: Order, wanted: AddedLine, place: int) -> LineItem:
    variant = Lookup(book.shop).variant(wanted.variant_id)
    if variant is None:
        msg = f"no variant {wanted.variant_id}"
        raise EditError(msg)
    if wanted.quantity < 1 or place >= LINES_PER_ORDER:
        msg = f"cannot add {wanted.quantity} of variant {wanted.variant_id}"
        raise EditError(msg)
    unit = order.in_both_currencies(variant.price.minor)
    zero = order.totals.zero
    return LineItem(
        id=book.shop.ids.line_items.id_of(order.index * LINES_PER_ORDER + place),
        position=place,
        product_id=variant.product_id,
        variant_id=variant.id,
        title=variant.product_title,
        variant_title=None if variant.title == "Default Title" else variant.title,
        sku=variant.sku,
        vendor=None,
        quantity=wanted.quantity,
        refunded_quantity=0,
        fulfilled_quantity=0,
        is_gift_card=False,
        is_taxable=False,
        requires_shipping=variant.requires_shipping,
        weight_grams=variant.weight_grams,
        custom_attributes=(),
        unit_price=unit,
        line_discount=zero,
        order_discount=zero,
        subtotal=unit.times(wanted.quantity),
        tax=zero,
        refunded_subtotal=zero,
        refunded_tax=zero,
        discount_allocations=(),
        tax_lines=(),
        is_added=True,
    )


def _told(book: ShopBook, edit: EditLines, added: list[LineItem]) -> Mapping[str, Any]:
    moment = datetime.fromtimestamp(book.now, UTC).isoformat(timespec="milliseconds")
    moment = moment.replace("+00:00", "Z")
    return {
        "order_edit": {
            "id": _FIRST_EDIT + book.now,
            "app_id": None,
            "created_at": moment,
            "notify_customer": False,
            "order_id": edit.id,
            "reason": "",
            "staff_note": "",
            "user_id": None,
            "line_items": {
                "additions": [{"id": line.id, "delta": line.quantity} for line in added],
                "removals": [{"id": x.line_item_id, "delta": x.quantity} for x in edit.remove],
            },
            "discounts": {
                "line_item": {"additions": [], "removals": []},
            },
            "shipping_lines": {"additions": [], "removals": []},
            "committed_at": moment,
        }
    }


def _part(amount: MoneyBag, line: LineItem, before: int, after: int) -> MoneyBag:
    return MoneyBag(
        part(amount.shop_minor, line.quantity, before, after),
        part(amount.presentment_minor, line.quantity, before, after),
        amount.pair,
    )
