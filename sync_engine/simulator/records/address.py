"""A postal address, of a customer or of one order."""

from msgspec import Struct


class Address(Struct, frozen=True, kw_only=True, gc=False):
    """A postal address.

    Attributes:
        model_name: `CustomerAddress` for a customer's own address, `Address` for an order's copy.
            Part of the global id: `gid://shopify/MailingAddress/1?model_name=Address`.
        province: Name of the state or region; None where a country has none in use.
    """

    id: int
    model_name: str
    first_name: str | None
    last_name: str | None
    company: str | None
    address1: str | None
    address2: str | None
    city: str | None
    province: str | None
    province_code: str | None
    country: str
    country_code: str
    zip: str | None
    phone: str | None

    @property
    def name(self) -> str | None:
        """First and last name, as far as there are any."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None
