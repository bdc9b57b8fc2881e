"""The GraphQL documents that are sent to Shopify, one file each, checked against its schema."""

from functools import cache
from importlib.resources import files

import msgspec


class Document(msgspec.Struct, frozen=True):
    """A document and the name under which its price is remembered."""

    name: str
    text: str


@cache
def document(name: str) -> Document:
    """Read the document of that name; a missing one is a bug and raises FileNotFoundError."""
    text = (files(__name__) / f"{name}.graphql").read_text(encoding="utf-8")
    return Document(name, text)


def document_names() -> list[str]:
    """Return the name of every document, sorted."""
    return sorted(
        each.name.removesuffix(".graphql")
        for each in files(__name__).iterdir()
        if each.name.endswith(".graphql")
    )
