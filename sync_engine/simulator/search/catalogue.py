"""The root lists of a shop: what `orders`, `customers`, `products` and `productVariants` list.

GraphQL pages, bulk exports and counts all read from here, so they agree on what matches.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from sync_engine.simulator.generate.ids import VARIANTS_PER_PRODUCT
from sync_engine.simulator.record_set import RecordSet
from sync_engine.simulator.search.conditions import Search, compile_search
from sync_engine.simulator.search.customer_fields import customer_count_table, customer_table
from sync_engine.simulator.search.field_kinds import Candidate, SearchContext, SearchTable
from sync_engine.simulator.search.listing import Listing, ListingMemory, Sorting, matching
from sync_engine.simulator.search.order_fields import order_table
from sync_engine.simulator.search.periods import FOREVER
from sync_engine.simulator.search.product_fields import product_table, variant_table
from sync_engine.simulator.search.sortings import (
    customer_sortings,
    order_sortings,
    product_sortings,
    variant_sortings,
)
from sync_engine.simulator.shop import SimulatedShop


class ListRequest(Struct, frozen=True, kw_only=True):
    """What to list.

    Attributes:
        sort_key: A value of the list's sort key enumeration.
        created_from: Records created earlier do not exist for this caller.
    """

    name: str
    query: str
    sort_key: str
    now: int
    is_after_exclusive: bool
    created_from: int = -FOREVER


class _Root(Struct, frozen=True):
    records: RecordSet[Any]
    table: SearchTable
    sortings: Mapping[str, Sorting]
    load: Callable[[int], Any]


class Catalogue:
    """The searchable lists of one shop."""

    def __init__(self, shop: SimulatedShop) -> None:
        self._shop = shop
        self._zone = ZoneInfo(shop.spec.timezone)
        self._memory = ListingMemory()
        customers = customer_sortings(shop)
        self._roots = {
            "orders": _Root(shop.order_set, order_table(shop), order_sortings(shop), shop.order),
            "customers": _Root(shop.customer_set, customer_table(shop), customers, shop.customer),
            "customersCount": _Root(
                shop.customer_set, customer_count_table(shop), customers, shop.customer
            ),
            "products": _Root(
                shop.product_set, product_table(shop), product_sortings(shop), shop.product
            ),
            "productVariants": _Root(
                shop.product_set, variant_table(shop), variant_sortings(shop), self._variant
            ),
        }

    def search(self, request: ListRequest) -> Search | None:
        """The search of a request, or None for an empty one.

        Raises:
            UnsimulatedFilterError: It uses a filter that the simulator does not simulate.
        """
        if not request.query.strip():
            return None
        return compile_search(
            request.query,
            self._roots[request.name].table,
            SearchContext(
                zone=self._zone,
                now=request.now,
                is_after_exclusive=request.is_after_exclusive,
            ),
        )

    def listing(self, request: ListRequest, search: Search | None) -> Listing:
        """The records of a request, in order.

        Raises:
            KeyError: The sort key is not simulated.
        """
        root = self._roots[request.name]
        sorting = root.sortings[request.sort_key]
        is_of_now = search is not None and "now" in request.query.lower()
        key = (request if is_of_now else _timeless(request), self._versions())
        is_variants = request.name == "productVariants"

        def find() -> Sequence[int]:
            if is_variants:
                return self._variants(search, sorting)
            return matching(
                root.records,
                search,
                sorting,
                load=root.load,
                created_from=request.created_from,
            )

        load = self._bare_variant if is_variants else root.load
        return Listing(self._memory.recall(key, find), sorting.read, load)

    def orders_of(self, customer: int, request: ListRequest, search: Search | None) -> Listing:
        """A customer's orders among those of a request, in order.

        Raises:
            KeyError: The sort key is not simulated.
        """
        root = self._roots["orders"]
        sorting = root.sortings[request.sort_key]
        condition = None if search is None else search.condition
        found = [
            index
            for index in self._shop.orders_of(customer)
            if root.records.created_at_seconds(index) >= request.created_from
            and (condition is None or condition(Candidate(index, root.load)))
        ]
        found.sort(key=lambda index: (sorting.read(index), index))
        return Listing(found, sorting.read, root.load)

    def _versions(self) -> tuple[tuple[int, int], ...]:
        shop = self._shop
        return shop.order_set.version, shop.customer_set.version, shop.product_set.version

    def _variants(self, search: Search | None, sorting: Sorting) -> Sequence[int]:
        condition = None if search is None else search.condition
        found = []
        for product in self._shop.products():
            for place, variant in enumerate(product.variants):
                index = product.index * VARIANTS_PER_PRODUCT + place
                if condition is None or condition(Candidate(index, _always((product, variant)))):
                    found.append(index)
        if not sorting.is_index_order:
            found.sort(key=lambda index: (sorting.read(index), index))
        return found

    def _variant(self, index: int) -> Any:
        product = self._shop.product(index // VARIANTS_PER_PRODUCT)
        return product, product.variants[index % VARIANTS_PER_PRODUCT]

    def _bare_variant(self, index: int) -> Any:
        return self._variant(index)[1]


def _always(record: object) -> Callable[[int], object]:
    return lambda _index: record


def _timeless(request: ListRequest) -> tuple[object, ...]:
    return (
        request.name,
        request.query,
        request.sort_key,
        request.is_after_exclusive,
        request.created_from,
    )
