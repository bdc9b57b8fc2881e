"""Shopify's global ids at the border: text outside, numbers inside."""

import strawberry

from gateway.graphql.errors import BadUserInputError
from sync_engine.model.gid import Gid, InvalidGidError, parse_gid


def global_id(type_name: str, number: int) -> strawberry.ID:
    """Return the id under which clients and Shopify know a resource."""
    return strawberry.ID(str(Gid(type_name, number)))


def resource_number(given: str, type_name: str) -> int:
    """Return the number of an id of the wanted type.

    Raises:
        BadUserInputError: it is no global id, or one of another type.
    """
    try:
        return parse_gid(given, type_name).number
    except InvalidGidError as error:
        raise BadUserInputError(f"{error}.") from None
