"""QueryRoot: where every query starts."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from sync_engine.simulator.api_versions import public_versions
from sync_engine.simulator.gids import read_gid
from sync_engine.simulator.graphql_api.errors import (
    access_denied,
    bad_request,
    invalid_global_id,
    not_simulated,
)
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    ConnectionField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.graphql_api.paging import Collection, SequenceCollection
from sync_engine.simulator.graphql_api.scopes import scope_of_type
from sync_engine.simulator.graphql_api.types.lists import root_connection, root_count
from sync_engine.simulator.graphql_api.types.product_types import InventoryItem
from sync_engine.simulator.graphql_api.types.shop_types import (
    AccessScope,
    Deletion,
    Installation,
)
from sync_engine.simulator.search.conditions import UnsimulatedFilterError, compile_search
from sync_engine.simulator.search.field_kinds import Candidate, SearchContext, SearchTable
from sync_engine.simulator.search.small_fields import (
    event_table,
    operation_table,
    subscription_table,
)

MAX_IDS = 250


def _number(text: str, type_name: str) -> int | None:
    found = read_gid(text)
    if found is None:
        raise invalid_global_id(text)
    return found[1] if found[0] == type_name else None


def _by_id(type_name: str, read: Callable[[Execution, int], Any]) -> BoundField:
    def bind(arguments: Arguments, execution: Execution) -> Getter:
        number = _number(arguments["id"], type_name)
        return lambda _root: None if number is None else read(execution, number)

    return BoundField(bind)


def _node_of(text: str, execution: Execution) -> Any:
    found = read_gid(text)
    if found is None:
        raise invalid_global_id(text)
    type_name, number = found
    scope = scope_of_type(type_name)
    if scope is not None and not execution.may(scope):
        field = "node"
        raise access_denied(field, scope)
    match type_name:
        case "BulkOperation":
            return _snapshot(execution, number)
        case "WebhookSubscription":
            return execution.state.webhooks.find(number, execution.app)
        case "InventoryItem":
            variant = execution.state.lookup.variant_of_inventory_item(number)
            return None if variant is None else InventoryItem(variant)
        case _:
            return execution.state.lookup.node(type_name, number, execution.orders_created_from)


def _node(arguments: Arguments, execution: Execution) -> Getter:
    return lambda _root: _node_of(arguments["id"], execution)


def _nodes(arguments: Arguments, execution: Execution) -> Getter:
    ids = arguments["ids"]
    if len(ids) > MAX_IDS:
        message = f"The input array size of {len(ids)} is greater than the maximum of {MAX_IDS}."
        error = bad_request(message)
        error.extensions["code"] = "MAX_INPUT_SIZE_EXCEEDED"  # type: ignore[index]
        raise error
    return lambda _root: [_node_of(id_, execution) for id_ in ids]


def _snapshot(execution: Execution, number: int) -> Any:
    operation = execution.state.operations.find(number, execution.app)
    return None if operation is None else operation.snapshot(execution.moment)


def _operations(arguments: Arguments, execution: Execution) -> Callable[[Any], Collection]:
    snapshots = execution.state.operations.snapshots(execution.app, execution.moment)
    if arguments.get("sortKey") == "COMPLETED_AT":
        snapshots.sort(key=lambda s: s.completed or 0, reverse=True)
    kept = _searched(arguments, execution, operation_table(), snapshots)
    return _fixed("bulkOperations", kept)


def _current_operation(arguments: Arguments, execution: Execution) -> Getter:
    if arguments.get("type") == "MUTATION":
        return lambda _root: None
    snapshots = execution.state.operations.snapshots(execution.app, execution.moment)
    return lambda _root: snapshots[0] if snapshots else None


def _subscriptions(arguments: Arguments, execution: Execution) -> Callable[[Any], Collection]:
    found = execution.state.webhooks.of_app(execution.app)
    topics, wanted = arguments.get("topics"), arguments.get("format")
    uri = arguments.get("uri") or arguments.get("callbackUrl")
    found = [
        s
        for s in found
        if (not topics or s.topic in topics)
        and (not wanted or s.format == wanted)
        and (not uri or s.uri == uri)
    ]
    kept = _searched(arguments, execution, subscription_table(), found)
    return _fixed("webhookSubscriptions", kept)


def _events(arguments: Arguments, execution: Execution) -> Callable[[Any], Collection]:
    deletions = [
        Deletion(event, place, execution.shop.profile.name)
        for place, event in enumerate(execution.state.events.past)
        if event.topic.endswith("/delete")
    ]
    return _fixed("events", _searched(arguments, execution, event_table(), deletions))


def _searched(
    arguments: Arguments, execution: Execution, table: SearchTable, items: list[Any]
) -> list[Any]:
    query = arguments.get("query") or ""
    if not query.strip():
        return items
    context = SearchContext(
        zone=execution.zone, now=execution.now, is_after_exclusive=execution.is_after_exclusive
    )
    try:
        condition = compile_search(query, table, context).condition
    except UnsimulatedFilterError as error:
        what = f"the filter `{error.field}` of `{table.name}`"
        raise not_simulated(what) from error
    if condition is None:
        return items
    return [item for i, item in enumerate(items) if condition(Candidate(i, items.__getitem__))]


def _fixed(name: str, items: list[Any]) -> Callable[[Any], Collection]:
    collection = SequenceCollection(name, items, attrgetter("id"))
    return lambda _root: collection


def _installation(_arguments: Arguments, execution: Execution) -> Getter:
    scopes = tuple(AccessScope(handle) for handle in sorted(execution.scopes))
    return lambda _root: Installation(execution.app, scopes)


def _versions(_arguments: Arguments, execution: Execution) -> Getter:
    return lambda _root: public_versions(execution.now)


QUERY_ROOT: FieldTable = {
    "bulkOperation": _by_id("BulkOperation", _snapshot),
    "bulkOperations": ConnectionField(_operations),
    "currentAppInstallation": BoundField(_installation),
    "currentBulkOperation": BoundField(_current_operation),
    "customer": _by_id("Customer", lambda e, number: e.state.lookup.customer(number)),
    "customers": root_connection("customers"),
    "customersCount": root_count("customersCount", "customersCount"),
    "events": ConnectionField(_events),
    "node": BoundField(_node),
    "nodes": BoundField(_nodes),
    "order": _by_id("Order", lambda e, number: e.state.lookup.order(number, e.orders_created_from)),
    "orders": root_connection("orders"),
    "ordersCount": root_count("ordersCount", "orders"),
    "product": _by_id("Product", lambda e, number: e.state.lookup.product(number)),
    "productVariant": _by_id("ProductVariant", lambda e, n: e.state.lookup.variant(n)),
    "productVariants": root_connection("productVariants"),
    "products": root_connection("products"),
    "productsCount": root_count("productsCount", "products"),
    "publicApiVersions": BoundField(_versions),
    "refund": _by_id(
        "Refund", lambda e, number: e.state.lookup.refund(number, e.orders_created_from)
    ),
    "shop": Field(lambda execution: execution.shop.profile),
    "webhookSubscription": _by_id(
        "WebhookSubscription", lambda e, number: e.state.webhooks.find(number, e.app)
    ),
    "webhookSubscriptions": ConnectionField(_subscriptions),
}
