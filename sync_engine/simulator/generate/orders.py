"""Orders: puts basket, deal, people, payment and refunds together."""

from msgspec import Struct, structs

from sync_engine.simulator.generate import people, words
from sync_engine.simulator.generate.assignment import Assignment
from sync_engine.simulator.generate.baskets import BasketLine
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.generate.customers import CustomerGenerator
from sync_engine.simulator.generate.ids import LINES_PER_ORDER, ShopIds
from sync_engine.simulator.generate.lines import build_lines, build_shipping
from sync_engine.simulator.generate.payments import Cashier, received
from sync_engine.simulator.generate.people import Contact
from sync_engine.simulator.generate.products import ProductGenerator
from sync_engine.simulator.generate.refund_plans import with_refunds
from sync_engine.simulator.generate.sales import Sale, SaleGenerator
from sync_engine.simulator.generate.settlement import settle
from sync_engine.simulator.generate.timeline import Timeline, Timelines
from sync_engine.simulator.randomness import RandomStream, keyed
from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.spec import ShopSpec

_SALT = 64
_FIRST_NUMBER = 1001
_CANCEL_REASONS = ("CUSTOMER", "INVENTORY", "FRAUD", "DECLINED", "STAFF", "OTHER")
_OPEN_STATUSES = ("UNFULFILLED", "PARTIALLY_FULFILLED", "ON_HOLD", "IN_PROGRESS", "SCHEDULED")
_OPEN_WEIGHTS = (80, 88, 93, 97, 100)
_SHIPPED_COUNTS = {"FULFILLED": LINES_PER_ORDER, "PARTIALLY_FULFILLED": 1}


class _Parties(Struct, frozen=True, gc=False):
    """Who ordered, and where the order goes; all unknown once the customer was erased."""

    email: str | None = None
    phone: str | None = None
    shipping: Address | None = None
    billing: Address | None = None


class OrderGenerator:
    """Makes the orders of one shop."""

    def __init__(
        self,
        spec: ShopSpec,
        ids: ShopIds,
        *,
        assignment: Assignment,
        timelines: Timelines,
        products: ProductGenerator,
        customers: CustomerGenerator,
    ) -> None:
        self._spec = spec
        self._ids = ids
        self._assignment = assignment
        self._timelines = timelines
        self._sales = SaleGenerator(spec, products, customers)
        self._cashier = Cashier(ids)

    def order(self, index: int) -> Order:
        """The order of the shop's history at an index."""
        customer = self._assignment.customer_of(index)
        is_known = customer is not None or self._assignment.is_guest(index)
        sale = self._sales.sale(index, customer, index / self._spec.orders)
        timeline = self._timelines.timeline(index)
        return self._order(index, timeline, customer, sale, is_contact_known=is_known)

    def fresh(self, index: int, now: int, customer: int | None) -> Order:
        """An order that is placed now, beyond the history; never refunded or cancelled yet."""
        sale = self._sales.sale(index, customer, 1.0)
        timeline = self._timelines.fresh(index, now)
        return self._order(index, timeline, customer, sale, is_contact_known=True)

    def net_payment(self, index: int) -> int | None:
        """What was received and not refunded for an order of the history, in minor units.

        None for a test order. Mostly much cheaper than making the order.
        """
        timeline = self._timelines.timeline(index)
        if timeline.is_test:
            return None
        if timeline.refunded:
            return self.order(index).totals.net_payment.shop_minor
        customer = self._assignment.customer_of(index)
        total = self._sales.sale(index, customer, index / self._spec.orders).total
        return received(timeline.fate, total).shop_minor

    def _order(
        self,
        index: int,
        timeline: Timeline,
        customer: int | None,
        sale: Sale,
        *,
        is_contact_known: bool,
    ) -> Order:
        spec, ids = self._spec, self._ids
        draw = RandomStream(spec.seed, _SALT, index)
        parties = self._parties(draw, index, sale) if is_contact_known else _Parties()
        payment = self._cashier.payment(draw, index, timeline, sale.total)
        fulfillment = _fulfillment(draw, timeline, sale.basket)
        shipped_count = _SHIPPED_COUNTS.get(fulfillment, 0)
        lines = build_lines(ids, index, sale, shipped_count)
        shipping_lines = build_shipping(ids, index, sale.deal, sale.prices)
        currencies = sale.deal.currencies
        order = Order(
            index=index,
            id=ids.orders.id_of(index),
            number=_FIRST_NUMBER + index,
            confirmation_number=_confirmation(keyed(spec.seed, _SALT + 1, index)),
            created_at=utc(timeline.created),
            processed_at=utc(timeline.processed),
            updated_at=utc(timeline.updated),
            closed_at=None if timeline.closed is None else utc(timeline.closed),
            cancelled_at=None if timeline.cancelled is None else utc(timeline.cancelled),
            cancel_reason=None if timeline.cancelled is None else draw.pick(_CANCEL_REASONS),
            is_test=timeline.is_test,
            is_edited=False,
            source_name=sale.source,
            app=sale.app,
            customer_index=customer,
            email=parties.email,
            phone=parties.phone,
            customer_locale=sale.contact.country.locale,
            note=draw.pick(words.ORDER_NOTES) if draw.chance(90) else None,
            po_number=f"PO-{draw.below(100_000)}" if draw.chance(20) else None,
            tags=_tags(draw),
            custom_attributes=(("Geschenk?", "ja"),) if draw.chance(50) else (),
            is_tax_exempt=sale.is_tax_exempt,
            has_taxes_included=spec.taxes_included,
            currencies=currencies,
            financial_status=payment.financial_status,
            fulfillment_status=fulfillment,
            return_status="NO_RETURN",
            shipping_address=parties.shipping,
            billing_address=parties.billing,
            discount_applications=sale.deal.applications,
            line_items=lines,
            shipping_lines=shipping_lines,
            refunds=(),
            transactions=payment.transactions,
            totals=settle(
                lines=lines,
                shipping_lines=shipping_lines,
                refunds=(),
                transactions=payment.transactions,
                has_taxes_included=spec.taxes_included,
                zero=MoneyBag(0, 0, currencies),
            ),
        )
        return with_refunds(order, timeline, draw, ids) if timeline.refunded else order

    def _parties(self, draw: RandomStream, index: int, sale: Sale) -> _Parties:
        contact = sale.contact
        billing = shipping = None
        if sale.is_shipped or draw.chance(500):
            billing = self._address(draw, index * 2, contact)
        if sale.is_shipped and billing is not None:
            shipping = structs.replace(billing, id=self._ids.order_addresses.id_of(index * 2 + 1))
            if draw.chance(150):
                shipping = self._address(draw, index * 2 + 1, contact)
        phone = contact.phone if draw.chance(400) else None
        return _Parties(contact.email, phone, shipping, billing)

    def _address(self, draw: RandomStream, key: int, contact: Contact) -> Address:
        return people.address(
            draw,
            id_=self._ids.order_addresses.id_of(key),
            model_name="Address",
            who=contact.person,
            country=contact.country,
        )


def _fulfillment(draw: RandomStream, timeline: Timeline, basket: list[BasketLine]) -> str:
    status = draw.weighted(_OPEN_STATUSES, _OPEN_WEIGHTS)
    if not any(line.requires_shipping for line in basket):
        return "FULFILLMENT_NOT_REQUIRED" if timeline.fulfilled is None else "FULFILLED"
    if timeline.cancelled is not None:
        return "RESTOCKED" if timeline.refunded else "UNFULFILLED"
    if timeline.fulfilled is not None:
        return "FULFILLED"
    return "UNFULFILLED" if status == "PARTIALLY_FULFILLED" and len(basket) == 1 else status


def _tags(draw: RandomStream) -> tuple[str, ...]:
    if not draw.chance(300):
        return ()
    return tuple(sorted({draw.pick(words.ORDER_TAGS) for _ in range(draw.between(1, 3))}))


def _confirmation(bits: int) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "".join(letters[bits >> 5 * place & 31] for place in range(9))
