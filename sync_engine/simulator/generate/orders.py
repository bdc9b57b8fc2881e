"""Orders: puts basket, deal, people, payment and refunds together."""

from msgspec import Struct, structs

from sync_engine.simulator.countries import COUNTRIES, Country
from sync_engine.simulator.currency import CURRENCIES, ExchangeRate
from sync_engine.simulator.generate import people, words
from sync_engine.simulator.generate.assignment import Assignment
from sync_engine.simulator.generate.baskets import BasketFiller
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.generate.customers import CustomerGenerator
from sync_engine.simulator.generate.ids import ShopIds
from sync_engine.simulator.generate.lines import build_lines, build_shipping
from sync_engine.simulator.generate.offers import deal, presentment_currency
from sync_engine.simulator.generate.payments import Cashier
from sync_engine.simulator.generate.people import Contact
from sync_engine.simulator.generate.pricing import price
from sync_engine.simulator.generate.products import ProductGenerator
from sync_engine.simulator.generate.refund_plans import with_refunds
from sync_engine.simulator.generate.settlement import settle
from sync_engine.simulator.generate.timeline import Timeline, Timelines
from sync_engine.simulator.randomness import RandomStream, keyed
from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.line_item import LineItem
from sync_engine.simulator.records.money import CurrencyPair, MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.spec import ShopSpec

_SALT = 61
_FIRST_NUMBER = 1001
_CANCEL_REASONS = ("CUSTOMER", "INVENTORY", "FRAUD", "DECLINED", "STAFF", "OTHER")
_SOURCE_WEIGHTS = tuple(
    sum(weight for *_, weight in words.SOURCES[: place + 1]) for place in range(len(words.SOURCES))
)
_OPEN_STATUSES = ("UNFULFILLED", "PARTIALLY_FULFILLED", "ON_HOLD", "IN_PROGRESS", "SCHEDULED")
_OPEN_WEIGHTS = (80, 88, 93, 97, 100)


class _Parties(Struct, frozen=True, gc=False):
    """Who ordered, and where the order goes."""

    customer: int | None
    contact: Contact | None
    email: str | None
    phone: str | None
    shipping: Address | None
    billing: Address | None
    country: Country


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
        self._products = products
        self._customers = customers
        self._baskets = BasketFiller(spec, products)
        self._cashier = Cashier(ids)
        self._currency = CURRENCIES[spec.currency]
        self._others = tuple(CURRENCIES[code] for code in spec.presentment if code != spec.currency)
        self._pairs = {
            currency.code: CurrencyPair(self._currency, currency)
            for currency in (self._currency, *self._others)
        }
        self._from_usd = ExchangeRate.between(CURRENCIES["USD"], self._currency)

    def order(self, index: int) -> Order:
        """The order of the shop's history at an index."""
        customer = self._assignment.customer_of(index)
        is_known = customer is not None or self._assignment.is_guest(index)
        timeline = self._timelines.timeline(index)
        available = self._products.available(index / self._spec.orders)
        return self._order(index, timeline, customer, available, is_contact_known=is_known)

    def fresh(self, index: int, now: int, customer: int | None) -> Order:
        """An order that is placed now, beyond the history; never refunded or cancelled yet."""
        timeline = self._timelines.fresh(index, now)
        return self._order(index, timeline, customer, self._spec.products, is_contact_known=True)

    def _order(
        self,
        index: int,
        timeline: Timeline,
        customer: int | None,
        available: int,
        *,
        is_contact_known: bool,
    ) -> Order:
        spec, ids = self._spec, self._ids
        draw = RandomStream(spec.seed, _SALT, index)
        source, app_id, app_name, _ = draw.weighted(words.SOURCES, _SOURCE_WEIGHTS)
        currency = presentment_currency(draw, self._currency, self._others)
        basket = self._baskets.basket(draw, available)
        ships = source != "pos" and any(line.requires_shipping for line in basket)
        parties = self._parties(
            draw, index, customer, ships=ships, is_contact_known=is_contact_known
        )
        currencies = self._pairs[currency.code]
        is_tax_exempt = draw.chance(8)
        terms = deal(
            draw,
            basket,
            currencies=currencies,
            rate=ExchangeRate.between(self._currency, currency, index * 7919 % 41 - 20),
            from_usd=self._from_usd,
            country=parties.country,
            is_tax_exempt=is_tax_exempt,
            has_taxes_included=spec.taxes_included,
            ships=ships,
        )
        own = price(terms.shop_terms)
        is_foreign = terms.presentment_terms is not terms.shop_terms
        prices = (own, price(terms.presentment_terms) if is_foreign else own)
        lines = build_lines(ids, index, basket, terms, prices)
        shipping_lines = build_shipping(ids, index, terms, prices)
        zero = MoneyBag(0, 0, currencies)
        totals = [side.total(has_taxes_included=spec.taxes_included) for side in prices]
        total = MoneyBag(totals[0], totals[1], currencies)
        payment = self._cashier.payment(draw, index, timeline, total)
        fulfillment, lines = self._fulfillment(draw, timeline, lines)
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
            source_name=source,
            app=(app_id, app_name),
            customer_index=parties.customer,
            email=parties.email,
            phone=parties.phone,
            customer_locale=parties.country.locale,
            note=draw.pick(words.ORDER_NOTES) if draw.chance(90) else None,
            po_number=f"PO-{draw.below(100_000)}" if draw.chance(20) else None,
            tags=_tags(draw),
            custom_attributes=(("Geschenk?", "ja"),) if draw.chance(50) else (),
            is_tax_exempt=is_tax_exempt,
            has_taxes_included=spec.taxes_included,
            currencies=currencies,
            financial_status=payment.financial_status,
            fulfillment_status=fulfillment,
            return_status="NO_RETURN",
            shipping_address=parties.shipping,
            billing_address=parties.billing,
            discount_applications=terms.applications,
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
                zero=zero,
            ),
        )
        return with_refunds(order, timeline, draw, ids) if timeline.refunded else order

    def _parties(
        self,
        draw: RandomStream,
        index: int,
        customer: int | None,
        *,
        ships: bool,
        is_contact_known: bool,
    ) -> _Parties:
        if customer is not None:
            contact = self._customers.contact(customer)
        else:
            contact = people.contact(draw, self._spec.country, 10_000_000 + index)
        if not is_contact_known:
            return _Parties(None, None, None, None, None, None, contact.country)
        billing = shipping = None
        if ships or draw.chance(500):
            billing = self._address(draw, index * 2, contact)
        if ships and billing is not None:
            shipping = structs.replace(billing, id=self._ids.order_addresses.id_of(index * 2 + 1))
            if draw.chance(150):
                shipping = self._address(draw, index * 2 + 1, contact)
        email = contact.email
        phone = contact.phone if draw.chance(400) else None
        return _Parties(customer, contact, email, phone, shipping, billing, contact.country)

    def _address(self, draw: RandomStream, key: int, contact: Contact) -> Address:
        return people.address(
            draw,
            id_=self._ids.order_addresses.id_of(key),
            model_name="Address",
            who=contact.person,
            country=COUNTRIES[contact.country.code],
        )

    def _fulfillment(
        self, draw: RandomStream, timeline: Timeline, lines: tuple[LineItem, ...]
    ) -> tuple[str, tuple[LineItem, ...]]:
        status = draw.weighted(_OPEN_STATUSES, _OPEN_WEIGHTS)
        if not any(line.requires_shipping for line in lines):
            status = "FULFILLMENT_NOT_REQUIRED" if timeline.fulfilled is None else "FULFILLED"
        elif timeline.cancelled is not None and timeline.refunded:
            status = "RESTOCKED"
        elif timeline.cancelled is not None:
            status = "UNFULFILLED"
        elif timeline.fulfilled is not None:
            status = "FULFILLED"
        if status == "PARTIALLY_FULFILLED" and len(lines) == 1:
            status = "UNFULFILLED"
        if status == "FULFILLED":
            return status, tuple(_shipped(line) for line in lines)
        if status == "PARTIALLY_FULFILLED":
            return status, (_shipped(lines[0]), *lines[1:])
        return status, lines


def _shipped(line: LineItem) -> LineItem:
    return structs.replace(line, fulfilled_quantity=line.quantity)


def _tags(draw: RandomStream) -> tuple[str, ...]:
    if not draw.chance(300):
        return ()
    return tuple(sorted({draw.pick(words.ORDER_TAGS) for _ in range(draw.between(1, 3))}))


def _confirmation(bits: int) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "".join(letters[bits >> 5 * place & 31] for place in range(9))
