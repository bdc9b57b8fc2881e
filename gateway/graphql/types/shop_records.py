"""The part of a shop that is its data: customers, products, orders."""

from typing import Annotated, TypeAlias

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.enums import CustomerSort, OrderSort, ProductSort, ViewerScope
from gateway.graphql.guarded import guarded_field
from gateway.graphql.ids import resource_number
from gateway.graphql.inputs.customer_filter import CustomerFilter, customer_filter
from gateway.graphql.inputs.order_filter import OrderFilter, order_filter
from gateway.graphql.inputs.product_filter import ProductFilter, product_filter
from gateway.graphql.paging import After, First
from gateway.graphql.permissions import Requires
from gateway.graphql.record_list import record_list
from gateway.graphql.types.customer import Customer, CustomerConnection, customer_of
from gateway.graphql.types.order import Order, OrderConnection, order_of
from gateway.graphql.types.product import Product, ProductConnection, product_of
from sync_engine.model import shop
from sync_engine.store.store import ShopStore

_READ_DATA = Requires(ViewerScope.READ_DATA)

_Reverse: TypeAlias = Annotated[
    bool, strawberry.argument(description="From the last to the first: newest, dearest, Z to A.")
]


@api_type
class ShopRecords:
    """The data of a shop."""

    record: strawberry.Private[shop.Shop]

    @guarded_field(_READ_DATA)
    def customers(
        self,
        info: Info,
        *,
        first: First = 50,
        after: After = None,
        wanted: Annotated[
            CustomerFilter | None,
            strawberry.argument(name="filter", description="Which are wanted."),
        ] = None,
        sort: Annotated[
            CustomerSort, strawberry.argument(description="In which order.")
        ] = CustomerSort.CREATED_AT,
        reverse: _Reverse = True,
    ) -> CustomerConnection:
        """The shop's customers. Needs READ_DATA."""
        return record_list(
            CustomerConnection,
            self._store(info).customers,
            customer_filter(wanted),
            lambda record: customer_of(record, self.record.domain),
            sort=sort,
            reverse=reverse,
            first=first,
            after=after,
        )

    @guarded_field(_READ_DATA)
    def products(
        self,
        info: Info,
        *,
        first: First = 50,
        after: After = None,
        wanted: Annotated[
            ProductFilter | None,
            strawberry.argument(name="filter", description="Which are wanted."),
        ] = None,
        sort: Annotated[
            ProductSort, strawberry.argument(description="In which order.")
        ] = ProductSort.CREATED_AT,
        reverse: _Reverse = True,
    ) -> ProductConnection:
        """The shop's products. Needs READ_DATA."""
        return record_list(
            ProductConnection,
            self._store(info).products,
            product_filter(wanted),
            product_of,
            sort=sort,
            reverse=reverse,
            first=first,
            after=after,
        )

    @guarded_field(_READ_DATA)
    def orders(
        self,
        info: Info,
        *,
        first: First = 50,
        after: After = None,
        wanted: Annotated[
            OrderFilter | None, strawberry.argument(name="filter", description="Which are wanted.")
        ] = None,
        sort: Annotated[
            OrderSort, strawberry.argument(description="In which order.")
        ] = OrderSort.CREATED_AT,
        reverse: _Reverse = True,
    ) -> OrderConnection:
        """The shop's orders. Needs READ_DATA."""
        return record_list(
            OrderConnection,
            self._store(info).orders,
            order_filter(wanted),
            lambda record: order_of(record, self.record.domain),
            sort=sort,
            reverse=reverse,
            first=first,
            after=after,
        )

    @guarded_field(_READ_DATA)
    async def customer(
        self,
        info: Info,
        gid: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="gid://shopify/Customer/1")
        ],
    ) -> Customer | None:
        """One customer; null where none of that id is stored. Needs READ_DATA."""
        key = (self.record.domain, resource_number(gid, "Customer"))
        found = await info.context.loaders.customers.load(key)
        return None if found is None else customer_of(found, self.record.domain)

    @guarded_field(_READ_DATA)
    async def product(
        self,
        info: Info,
        gid: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="gid://shopify/Product/1")
        ],
    ) -> Product | None:
        """One product; null where none of that id is stored. Needs READ_DATA."""
        key = (self.record.domain, resource_number(gid, "Product"))
        found = await info.context.loaders.products.load(key)
        return None if found is None else product_of(found)

    @guarded_field(_READ_DATA)
    async def order(
        self,
        info: Info,
        gid: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="gid://shopify/Order/1")
        ],
    ) -> Order | None:
        """One order; null where none of that id is stored. Needs READ_DATA."""
        found = await self._store(info).orders.get(resource_number(gid, "Order"))
        return None if found is None else order_of(found, self.record.domain)

    def _store(self, info: Info) -> ShopStore:
        return info.context.engine.store.shop(self.record.domain)
