"""A customer of a shop."""

from datetime import datetime

from msgspec import Struct

from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.money import Money


class Customer(Struct, frozen=True, kw_only=True, gc=False):
    """A customer and what its orders add up to.

    Attributes:
        index: Position in the shop, from 0; the id follows from it.
        state: DECLINED, DISABLED, ENABLED or INVITED.
        email_marketing: CustomerEmailAddressMarketingState; means nothing without an address.
        addresses: The first one is the default address.
        number_of_orders: Orders that point at this customer, test orders not counted.
        amount_spent: Received less refunded over those orders, in the shop's currency.
        last_order_id: The newest of those orders.

    Source: Customer in the Admin API; REST Customer resource ("orders_count ... Test and archived
    orders aren't counted"; the simulator counts archived ones, as the Admin does today).
    """

    index: int
    id: int
    created_at: datetime
    updated_at: datetime
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    state: str
    tags: tuple[str, ...]
    note: str | None
    locale: str
    is_email_verified: bool
    is_tax_exempt: bool
    email_marketing: str
    sms_marketing: str
    marketing_updated_at: datetime | None
    addresses: tuple[Address, ...]
    number_of_orders: int
    amount_spent: Money
    last_order_id: int | None

    @property
    def display_name(self) -> str:
        """First and last name, else the e-mail address, else the phone number.

        Source: Customer.displayName in the Admin API.
        """
        name = " ".join(part for part in (self.first_name, self.last_name) if part)
        return name or self.email or self.phone or ""

    @property
    def default_address(self) -> Address | None:
        """The default address, if the customer has any."""
        return self.addresses[0] if self.addresses else None
