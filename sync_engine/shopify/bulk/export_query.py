"""The query of an export: a document, narrowed to a window of time and to other conditions."""

import json
from datetime import datetime

import msgspec

from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.documents import document
from sync_engine.shopify.search import all_of, quoted, updated_since

# The search field behind createdAt; customers have it under another name.
_CREATED_FIELD = {
    Resource.CUSTOMERS: "customer_date",
    Resource.PRODUCTS: "created_at",
    Resource.ORDERS: "created_at",
}


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A span of creation times; an end that is None is open."""

    from_at: datetime | None = None
    until_at: datetime | None = None

    def halves(self, oldest_at: datetime, now: datetime) -> tuple["Window", "Window"] | None:
        """Split the window in two of equal length; None where it is too short to split.

        Args:
            oldest_at: where an open beginning is taken to be.
            now: where an open end is taken to be; the later half stays open.
        """
        begin, end = self.from_at or oldest_at, self.until_at or now
        middle = (begin + (end - begin) / 2).replace(microsecond=0)
        if not begin < middle < end:
            return None
        return (
            Window(from_at=self.from_at, until_at=middle),
            Window(from_at=middle, until_at=self.until_at),
        )


def export_query(
    resource: Resource, window: Window, conditions: str = "", since: datetime | None = None
) -> str:
    """Return the text of a bulk query; bulk queries take no variables, so all is written out.

    With ``since`` only what was changed from then on is exported.

    No ``sortKey`` is set: sorted exports with a filter on another field were seen to drop rows.
    """
    changed = None if since is None else updated_since(since)
    search = all_of(conditions, changed, *_bounds(_CREATED_FIELD[resource], window))
    root = resource.value.lower()
    lines = document(f"export_{root}").text.splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    if not search:
        return text
    # A GraphQL string is written like a JSON one.
    return text.replace(f"{root} {{", f"{root}(query: {json.dumps(search)}) {{", 1)


def _bounds(field: str, window: Window) -> tuple[str, ...]:
    bounds = []
    if window.from_at is not None:
        bounds.append(f"{field}:>={quoted(window.from_at)}")
    if window.until_at is not None:
        bounds.append(f"{field}:<{quoted(window.until_at)}")
    return tuple(bounds)
