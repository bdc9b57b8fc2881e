"""Root connections: searched, sorted and counted lists of a shop's records."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from sync_engine.simulator.graphql_api.cursors import list_key
from sync_engine.simulator.graphql_api.errors import not_simulated
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    ConnectionField,
    Execution,
    SearchNote,
)
from sync_engine.simulator.graphql_api.paging import Collection, ListingCollection
from sync_engine.simulator.graphql_api.search_notes import parsed_json
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.search.catalogue import ListRequest
from sync_engine.simulator.search.conditions import Search, UnsimulatedFilterError
from sync_engine.simulator.search.listing import Listing
from sync_engine.simulator.search.periods import FOREVER

_COUNT_LIMIT = 10_000


class Count(Struct, frozen=True):
    """How many there are, and whether counting stopped at a limit."""

    count: int
    precision: str


def root_connection(name: str) -> ConnectionField:
    """A connection of QueryRoot over one of the catalogue's lists."""

    def bind(arguments: Arguments, execution: Execution) -> Callable[[Any], Collection]:
        listing = _listing(name, arguments, execution, name)
        collection = ListingCollection(
            _list_key(name, arguments),
            listing,
            _ids(name, execution),
            deepest=execution.state.paging_limit,
        )
        return lambda _root: collection

    return ConnectionField(bind)


def root_count(field: str, table: str) -> BoundField:
    """A count of QueryRoot.

    Source: QueryRoot.ordersCount in the Admin API ("Limited to a maximum of 10000 by default").
    """

    def bind(arguments: Arguments, execution: Execution) -> Callable[[Any], Count]:
        total = len(_listing(table, {**arguments, "sortKey": "ID"}, execution, field).indexes)
        limit = arguments.get("limit", _COUNT_LIMIT)
        if limit is not None and total > limit:
            return lambda _root: Count(limit, "AT_LEAST")
        return lambda _root: Count(total, "EXACT")

    return BoundField(bind)


def orders_of_customer(
    arguments: Arguments, execution: Execution
) -> Callable[[Customer], Collection]:
    """Customer.orders: the customer's share of the orders that the arguments list."""
    request = _request("orders", arguments, execution)
    search = _search(request, execution, "orders")
    key = _list_key("Customer.orders", arguments)

    def collection(customer: Customer) -> Collection:
        listing = execution.state.catalogue.orders_of(customer.index, request, search)
        return ListingCollection(key, listing, execution.shop.ids.orders.id_of)

    return collection


def _listing(name: str, arguments: Arguments, execution: Execution, field: str) -> Listing:
    request = _request(name, arguments, execution)
    search = _search(request, execution, field)
    try:
        return execution.state.catalogue.listing(request, search)
    except KeyError as error:
        what = f"sorting {name} by {request.sort_key}"
        raise not_simulated(what) from error


def _request(name: str, arguments: Arguments, execution: Execution) -> ListRequest:
    if arguments.get("savedSearchId") is not None:
        what = "saved searches"
        raise not_simulated(what)
    return ListRequest(
        name=name,
        query=arguments.get("query") or "",
        sort_key=arguments.get("sortKey") or "ID",
        now=execution.now,
        is_after_exclusive=execution.is_after_exclusive,
        created_from=execution.orders_created_from if name == "orders" else -FOREVER,
    )


def _search(request: ListRequest, execution: Execution, field: str) -> Search | None:
    try:
        search = execution.state.catalogue.search(request)
    except UnsimulatedFilterError as error:
        what = f"the filter `{error.field}` of `{request.name}`"
        raise not_simulated(what) from error
    if search is not None and search.warnings:
        warnings = tuple(
            {"field": w.field, "message": w.message, "code": w.code} for w in search.warnings
        )
        execution.notes.append(
            SearchNote((field,), search.query, parsed_json(search.tree), warnings)
        )
    return search


def _list_key(name: str, arguments: Arguments) -> str:
    return list_key(name, arguments.get("query") or "", arguments.get("sortKey") or "")


def _ids(name: str, execution: Execution) -> Callable[[int], int]:
    ids = execution.shop.ids
    spaces = {
        "orders": ids.orders,
        "customers": ids.customers,
        "products": ids.products,
        "productVariants": ids.variants,
    }
    return spaces[name].id_of
