"""Customers: who they are. What they bought is counted elsewhere."""

from sync_engine.simulator.currency import CURRENCIES
from sync_engine.simulator.generate import people, words
from sync_engine.simulator.generate.assignment import Assignment
from sync_engine.simulator.generate.calendar import DAY_SECONDS, Calendar, utc
from sync_engine.simulator.generate.ids import ADDRESSES_PER_CUSTOMER, ShopIds
from sync_engine.simulator.generate.people import Contact
from sync_engine.simulator.generate.timeline import Timelines
from sync_engine.simulator.randomness import RandomStream, keyed
from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.money import Money
from sync_engine.simulator.spec import ShopSpec

_SALT = 41
_TOUCH_SALT = 42
_BEFORE_SECONDS = 30 * DAY_SECONDS
_STATES = ("DISABLED", "ENABLED", "INVITED", "DECLINED")
_STATE_WEIGHTS = (70, 90, 98, 100)
_MARKETING = ("SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING")
_MARKETING_WEIGHTS = (45, 85, 97, 100)


class CustomerGenerator:
    """Makes the customers of one shop."""

    def __init__(
        self,
        spec: ShopSpec,
        ids: ShopIds,
        calendar: Calendar,
        assignment: Assignment,
        timelines: Timelines,
    ) -> None:
        self._spec = spec
        self._ids = ids
        self._calendar = calendar
        self._assignment = assignment
        self._timelines = timelines
        self._currency = CURRENCIES[spec.currency]

    def created_at_seconds(self, index: int) -> int:
        """When a customer came to be: buyers just before their first order."""
        before, is_buyer = self._assignment.buyer_rank(index)
        if is_buyer:
            return self._buyer_created(before)
        left_index, left = -1, self._calendar.start - _BEFORE_SECONDS
        if before:
            left_index = self._assignment.customer_of_buyer(before - 1)
            left = self._buyer_created(before - 1)
        right_index, right = self._spec.customers, self._calendar.end - 1
        if before < self._assignment.buyers:
            right_index = self._assignment.customer_of_buyer(before)
            right = self._buyer_created(before)
        return left + (right - left) * (index - left_index) // (right_index - left_index)

    def updated_at_seconds(self, index: int, last_order: int | None) -> int:
        """When a customer last changed: with the last order, or by an edit after it."""
        created = self.created_at_seconds(index)
        latest = created
        if last_order is not None:
            latest = max(latest, self._timelines.created_at_seconds(last_order))
        draw = keyed(self._spec.seed, _TOUCH_SALT, index)
        if draw % 10 < 3:  # noqa: PLR2004 - three in ten are edited later
            latest += (draw >> 8) % max(1, self._calendar.end - latest)
        return latest

    def contact(self, index: int) -> Contact:
        """How to reach a customer, without the rest of it."""
        draw = RandomStream(self._spec.seed, _SALT, index)
        return people.contact(draw, self._spec.country, index)

    def customer(self, index: int, *, last_order: int | None = None) -> Customer:
        """A customer as if it had ordered nothing, but `updated_at` knows the last order."""
        return self._customer(
            index, self.created_at_seconds(index), self.updated_at_seconds(index, last_order)
        )

    def fresh(self, index: int, now: int) -> Customer:
        """A customer that comes to be now, beyond the history."""
        return self._customer(index, now, now)

    def _customer(self, index: int, created: int, updated: int) -> Customer:
        draw = RandomStream(self._spec.seed, _SALT, index)
        contact = people.contact(draw, self._spec.country, index)
        who, email, phone = contact.person, contact.email, contact.phone
        marketing = draw.weighted(_MARKETING, _MARKETING_WEIGHTS)
        tags = sorted({draw.pick(words.CUSTOMER_TAGS) for _ in range(draw.below(3))})
        return Customer(
            index=index,
            id=self._ids.customers.id_of(index),
            created_at=utc(created),
            updated_at=utc(updated),
            first_name=who.first_name,
            last_name=who.last_name,
            email=email,
            phone=phone,
            state=draw.weighted(_STATES, _STATE_WEIGHTS),
            tags=tuple(tags),
            note=draw.pick(words.CUSTOMER_NOTES) if draw.chance(40) else None,
            locale=contact.country.locale,
            is_email_verified=email is not None and draw.chance(900),
            is_tax_exempt=draw.chance(10),
            email_marketing=marketing,
            sms_marketing="SUBSCRIBED" if phone and draw.chance(200) else "NOT_SUBSCRIBED",
            marketing_updated_at=utc(created) if marketing != "NOT_SUBSCRIBED" else None,
            addresses=self._addresses(draw, index, contact),
            number_of_orders=0,
            amount_spent=Money(0, self._currency),
            last_order_id=None,
        )

    def _buyer_created(self, buyer: int) -> int:
        order = self._assignment.first_order(buyer)
        ordered = self._timelines.created_at_seconds(order)
        room = 900
        if order:
            room = min(room, (ordered - self._timelines.created_at_seconds(order - 1)) // 2)
        return ordered - keyed(self._spec.seed, _SALT + 2, buyer) % (room + 1)

    def _addresses(self, draw: RandomStream, index: int, contact: Contact) -> tuple[Address, ...]:
        if draw.chance(120):
            return ()
        count = 1 if draw.chance(880) else draw.between(2, 3)
        return tuple(
            people.address(
                draw,
                id_=self._ids.customer_addresses.id_of(index * ADDRESSES_PER_CUSTOMER + place),
                model_name="CustomerAddress",
                who=contact.person,
                country=contact.country,
            )
            for place in range(count)
        )
