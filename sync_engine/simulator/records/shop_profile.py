"""What a shop says about itself."""

from datetime import datetime

from msgspec import Struct

from sync_engine.simulator.currency import Currency
from sync_engine.simulator.records.address import Address


class ShopProfile(Struct, frozen=True, kw_only=True, gc=False):
    """A shop's own settings.

    Attributes:
        plan: Name of the plan as merchants see it, e.g. `Basic`.
        presentment_currencies: What customers may pay in, the shop's own first.
    """

    id: int
    name: str
    domain: str
    email: str
    plan: str
    is_plus: bool
    currency: Currency
    presentment_currencies: tuple[Currency, ...]
    timezone: str
    has_taxes_included: bool
    is_shipping_taxed: bool
    address: Address
    created_at: datetime
    updated_at: datetime
