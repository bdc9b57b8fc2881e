"""Customers."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.ids import global_id
from gateway.graphql.paging import After, Connection, First
from gateway.graphql.record_list import record_list
from gateway.graphql.scalars import BigInt
from gateway.graphql.types.money import Money, money
from sync_engine.model import filters, records
from sync_engine.model.shop_domain import ShopDomain

if TYPE_CHECKING:
    from gateway.graphql.types.order import OrderConnection


@api_type
class Customer:
    """A customer of a shop, as Shopify last gave it."""

    shop: strawberry.Private[ShopDomain]
    number: strawberry.Private[int]
    id: strawberry.ID = strawberry.field(description="Shopify's global id.")
    legacy_resource_id: BigInt = strawberry.field(description="The id in Shopify's REST API.")
    display_name: str = strawberry.field(
        description="The full name; without one, the e-mail address or the phone number."
    )
    first_name: str | None = strawberry.field(description="The first name.")
    last_name: str | None = strawberry.field(description="The last name.")
    email: str | None = strawberry.field(description="The e-mail address.")
    phone: str | None = strawberry.field(description="The phone number.")
    state: str = strawberry.field(
        description="The state of the customer's account: ENABLED, DISABLED, INVITED or DECLINED."
    )
    tags: list[str] = strawberry.field(description="The tags.")
    country_code: str | None = strawberry.field(
        description="The country of the default address, in two letters."
    )
    created_at: datetime = strawberry.field(description="When the customer came to the shop.")
    updated_at: datetime = strawberry.field(description="When the customer was last changed.")
    number_of_orders: BigInt = strawberry.field(
        description="How many orders the customer has placed, as Shopify counts them."
    )
    amount_spent: Money = strawberry.field(
        description="What the customer has spent, as Shopify adds it up."
    )

    @strawberry.field
    def orders(
        self, info: Info, first: First = 20, after: After = None
    ) -> Annotated["OrderConnection", strawberry.lazy("gateway.graphql.types.order")]:
        """The customer's orders, newest first."""
        from gateway.graphql.types.order import (  # noqa: PLC0415 - the types refer to each other
            OrderConnection,
            order_of,
        )

        return record_list(
            OrderConnection,
            info.context.engine.store.shop(self.shop).orders,
            filters.OrderFilter(customer_id=self.number),
            lambda record: order_of(record, self.shop),
            sort=filters.OrderSort.CREATED_AT,
            reverse=True,
            first=first,
            after=after,
        )


def customer_of(record: records.Customer, shop: ShopDomain) -> Customer:
    """Return a stored customer as the API shows it."""
    return Customer(
        shop=shop,
        number=record.id,
        id=global_id("Customer", record.id),
        legacy_resource_id=BigInt(record.id),
        display_name=record.display_name,
        first_name=record.first_name,
        last_name=record.last_name,
        email=record.email,
        phone=record.phone,
        state=record.state,
        tags=list(record.tags),
        country_code=record.country_code,
        created_at=record.created_at,
        updated_at=record.updated_at,
        number_of_orders=BigInt(record.number_of_orders),
        amount_spent=money(record.amount_spent, record.currency_code),
    )


@api_type
class CustomerConnection(Connection[Customer]):
    """One page of customers."""
