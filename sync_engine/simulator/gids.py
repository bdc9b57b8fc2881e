"""Global ids: `gid://shopify/Order/123`."""

import re

from sync_engine.simulator.records.address import Address

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]+)(?:\?[A-Za-z0-9_=&]*)?")


def gid(type_name: str, id_: int) -> str:
    """The global id of a record."""
    return f"gid://shopify/{type_name}/{id_}"


def address_gid(address: Address) -> str:
    """The global id of an address, which says whose address it is."""
    if address.model_name == "ShopAddress":
        return gid("ShopAddress", address.id)
    return f"gid://shopify/MailingAddress/{address.id}?model_name={address.model_name}"


def read_gid(text: str) -> tuple[str, int] | None:
    """Type and number of a global id, or None for any other text."""
    match = _GID.fullmatch(text)
    return None if match is None else (match[1], int(match[2]))
