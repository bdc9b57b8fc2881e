"""A shop's permanent domain, the key of everything that belongs to it."""

import re
from typing import NewType

ShopDomain = NewType("ShopDomain", str)

_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
_MAX_LENGTH = 255


class InvalidShopDomainError(ValueError):
    """The text is not a permanent shop domain; nothing may be sent to it."""

    def __init__(self, text: str) -> None:
        """Keep the offending text, cut so that it is safe to log."""
        self.text = text[:80]
        super().__init__(
            f"{self.text!r} is not a shop domain: use the permanent one, my-store.myshopify.com"
        )


def parse_shop_domain(text: str) -> ShopDomain:
    """Return the domain in its one canonical spelling, lower case.

    The pattern is anchored at both ends: the expression printed in Shopify's own guide is not, and
    accepts ``x.myshopify.com.evil.com``.

    Raises:
        InvalidShopDomainError: anything but one label followed by ``.myshopify.com``.
    Source:
        shopify.dev, "Verify the installation request", read 2026-11-23.
    """
    domain = text.lower()
    if len(domain) > _MAX_LENGTH or not _PATTERN.fullmatch(domain):
        raise InvalidShopDomainError(text)
    return ShopDomain(domain)
