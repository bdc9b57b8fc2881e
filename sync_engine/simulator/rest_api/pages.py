"""Pages of REST lists.

Newest first, or ascending by id from `since_id` on, or as `order` says (which real stores honour
although it is not documented). The `Link` header leads to the neighbouring pages; its `page_info`
holds the filters, so they cannot be given with it.

Source: shopify.dev, "Paginate responses with REST"; the refusal as a real store worded it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import orjson
from msgspec import Struct, structs

from sync_engine.simulator.record_set import RecordSet
from sync_engine.simulator.rest_api.filters import FilterError, ListFilter
from sync_engine.simulator.search.periods import FOREVER

_WITH_PAGE_INFO = frozenset({"page_info", "limit", "fields"})
_HELP = "See https://shopify.dev/api/usage/pagination-rest for more information."


class Cursor(Struct, frozen=True):
    """A place between records, with the list that it belongs to."""

    direction: str
    last_value: int
    last_id: int
    query: dict[str, str]


class RestPage(Struct, frozen=True):
    """The records of a page, and what leads to its neighbours."""

    records: list[Any]
    previous_info: str | None
    next_info: str | None


class RestList(Struct, frozen=True, kw_only=True):
    """What a resource's lists are made of."""

    records: RecordSet[Any]
    load: Callable[[int], Any]
    id_of: Callable[[int], int]
    processed: Callable[[int], int]


def read_page_info(query: Mapping[str, str]) -> Cursor | None:
    """The cursor that a request carries.

    Raises:
        FilterError: It is none, or filters come with it.
    """
    text = query.get("page_info")
    if text is None:
        return None
    for name in query:
        if name not in _WITH_PAGE_INFO:
            problem = f"{name} cannot be passed when page_info is present. {_HELP}"
            raise FilterError(parameter=name, problem=problem)
    try:
        fields = orjson.loads(urlsafe_b64decode(text.encode()))
        return Cursor(**fields)
    except (ValueError, TypeError) as error:
        raise FilterError(parameter="page_info", problem="Invalid value.") from error


def count_of(listed: RestList, wanted: ListFilter, created_from: int) -> int:
    """How many records a filter leaves."""
    indexes = _candidates(listed, wanted, created_from)
    if not wanted.fits:
        return len(indexes)
    return sum(_fits(listed.load(index), wanted) for index in indexes)


def page_of(
    listed: RestList,
    wanted: ListFilter,
    *,
    query: dict[str, str],
    cursor: Cursor | None,
    limit: int,
    created_from: int,
) -> RestPage:
    """A page of the filtered list."""
    order = _order(listed, wanted, query)
    indexes: Sequence[int] = _candidates(listed, wanted, created_from)
    if order.value is not listed.id_of:
        indexes = sorted(indexes, key=lambda index: (order.value(index), index))
    is_backwards = cursor is not None and cursor.direction == "prev"
    is_upwards = order.is_descending is is_backwards
    if cursor is None:
        run = indexes if is_upwards else indexes[::-1]
    else:
        key = (cursor.last_value, cursor.last_id)
        bisect = bisect_right if is_upwards else bisect_left
        place = bisect(indexes, key, key=lambda i: (order.value(i), listed.id_of(i)))
        run = indexes[place:] if is_upwards else indexes[:place][::-1]
    matches = ((i, r) for i in run if _fits(r := listed.load(i), wanted))
    found = list(islice(matches, limit + 1))
    has_more = len(found) > limit
    found = found[:limit]
    if is_backwards:
        found.reverse()

    def info(direction: str, index: int) -> str:
        place = Cursor(direction, order.value(index), listed.id_of(index), query)
        return urlsafe_b64encode(orjson.dumps(structs.asdict(place))).decode()

    has_next = bool(found) if is_backwards else has_more
    has_previous = has_more if is_backwards else cursor is not None and bool(found)
    return RestPage(
        [record for _, record in found],
        info("prev", found[0][0]) if has_previous and found else None,
        info("next", found[-1][0]) if has_next and found else None,
    )


def link_header(url: str, page: RestPage, limit: int, fields: str | None) -> str | None:
    """The `Link` header of a page, if it has neighbours."""
    links = []
    for info, relation in ((page.previous_info, "previous"), (page.next_info, "next")):
        if info is not None:
            query = {"limit": str(limit), "page_info": info}
            if fields:
                query["fields"] = fields
            links.append(f'<{url}?{urlencode(query)}>; rel="{relation}"')
    return ", ".join(links) or None


def _fits(record: Any, wanted: ListFilter) -> bool:
    return all(fit(record) for fit in wanted.fits)


def _candidates(listed: RestList, wanted: ListFilter, created_from: int) -> Sequence[int]:
    """Indexes, ascending, that fit in all that is known without making the record."""
    records = listed.records
    low, high = 0, records.end
    earliest = max(wanted.created.low, created_from)
    if earliest > -FOREVER:
        low = records.first_created_from(earliest)
    if wanted.created.high < FOREVER:
        high = records.first_created_from(wanted.created.high + 1)
    if wanted.since_id is not None:
        low = max(low, bisect_right(range(records.end), wanted.since_id, key=listed.id_of))
    found: Sequence[int] = range(low, max(low, high))
    if not wanted.updated.is_open:
        by_update = records.updated_between(wanted.updated.low, wanted.updated.high + 1)
        found = sorted(index for index in by_update if low <= index < high)
    elif len(records) < records.end:
        found = [index for index in found if records.exists(index)]
    if wanted.ids is not None:
        found = [index for index in found if listed.id_of(index) in wanted.ids]
    if not wanted.processed.is_open:
        window = wanted.processed
        found = [i for i in found if window.low <= listed.processed(i) <= window.high]
    return found


class _Order(Struct, frozen=True):
    value: Callable[[int], int]
    is_descending: bool


def _order(listed: RestList, wanted: ListFilter, query: Mapping[str, str]) -> _Order:
    field, _, direction = query.get("order", "").lower().partition(" ")
    values: dict[str, Callable[[int], int]] = {
        "id": listed.id_of,
        "created_at": listed.records.created_at_seconds,
        "updated_at": listed.records.updated_at_seconds,
        "processed_at": listed.processed,
    }
    if wanted.since_id is not None or field not in values:
        return _Order(listed.id_of, is_descending=wanted.since_id is None)
    return _Order(values[field], is_descending=direction == "desc")
