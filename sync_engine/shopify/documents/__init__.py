"""The GraphQL documents that are sent to Shopify, one file each, checked against its schema.

A line ``#import "fragments/order.graphql"`` stands for the fragments of that file.
"""

import re
from functools import cache
from importlib.resources import files

import msgspec

_IMPORT = re.compile(r'^#import "([a-z_/]+\.graphql)"$', re.MULTILINE)


class Document(msgspec.Struct, frozen=True):
    """A document and the name under which its price is remembered."""

    name: str
    text: str


@cache
def document(name: str) -> Document:
    """Read the document of that name; a missing one is a bug and raises FileNotFoundError."""
    return Document(name, _with_imports(f"{name}.graphql"))


def document_names() -> list[str]:
    """Return the name of every document, sorted."""
    return sorted(
        each.name.removesuffix(".graphql")
        for each in files(__name__).iterdir()
        if each.name.endswith(".graphql")
    )


def _with_imports(path: str) -> str:
    text = files(__name__).joinpath(path).read_text(encoding="utf-8")
    return "\n".join([_IMPORT.sub("", text), *map(_with_imports, _IMPORT.findall(text))])
