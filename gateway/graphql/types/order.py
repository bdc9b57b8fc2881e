"""Orders."""

from datetime import datetime

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.ids import global_id
from gateway.graphql.paging import Connection
from gateway.graphql.scalars import BigInt, CurrencyCode
from gateway.graphql.types.customer import Customer, customer_of
from gateway.graphql.types.line_item import LineItem, line_item_of
from gateway.graphql.types.money import Money, money
from gateway.graphql.types.refund import Refund, refund_of
from sync_engine.model import records
from sync_engine.model.shop_domain import ShopDomain


@api_type
class Order:
    """An order of a shop, as Shopify last gave it. Amounts are in the shop's currency."""

    shop: strawberry.Private[ShopDomain]
    record: strawberry.Private[records.Order]
    id: strawberry.ID = strawberry.field(description="Shopify's global id.")
    legacy_resource_id: BigInt = strawberry.field(description="The id in Shopify's REST API.")
    name: str = strawberry.field(description="The number as merchant and customer see it: #1001.")
    created_at: datetime = strawberry.field(description="When Shopify took the order in.")
    processed_at: datetime = strawberry.field(
        description="When the sale happened; earlier than createdAt for an imported order."
    )
    updated_at: datetime = strawberry.field(description="When the order was last changed.")
    cancelled_at: datetime | None = strawberry.field(
        description="When the order was cancelled; null where it was not."
    )
    test: bool = strawberry.field(description="Whether it was placed to try the shop out.")
    financial_status: str | None = strawberry.field(
        description="Shopify's displayFinancialStatus, such as PAID or REFUNDED."
    )
    fulfillment_status: str | None = strawberry.field(
        description="Shopify's displayFulfillmentStatus, such as FULFILLED or UNFULFILLED."
    )
    currency_code: CurrencyCode = strawberry.field(description="The shop's currency.")
    presentment_currency_code: CurrencyCode = strawberry.field(
        description="The currency that the customer paid in."
    )
    subtotal: Money = strawberry.field(
        description="The lines as sold, after discounts, without shipping; without taxes unless "
        "prices include them."
    )
    total_discounts: Money = strawberry.field(description="All discounts.")
    total_shipping: Money = strawberry.field(
        description="What shipping costs: Shopify's totalShippingPriceSet."
    )
    total_tax: Money = strawberry.field(description="All taxes.")
    total_price: Money = strawberry.field(
        description="What was charged: lines, shipping and taxes, after discounts."
    )
    total_refunded: Money = strawberry.field(description="What was given back of it.")
    source_name: str | None = strawberry.field(
        description="The channel that the order came by, such as web or pos."
    )
    country_code: str | None = strawberry.field(
        description="The country that the order is shipped to, in two letters."
    )
    tags: list[str] = strawberry.field(description="The tags.")

    @strawberry.field
    async def customer(self, info: Info) -> Customer | None:
        """Who ordered. Null for a guest, and for a customer that Shopify has erased."""
        number = self.record.customer_id
        if number is None:
            return None
        record = await info.context.loaders.customers.load((self.shop, number))
        return None if record is None else customer_of(record, self.shop)

    @strawberry.field
    def line_items(self) -> list[LineItem]:
        """All lines as ordered."""
        currency = self.record.currency_code
        return [line_item_of(line, self.shop, currency) for line in self.record.line_items]

    @strawberry.field
    def refunds(self) -> list[Refund]:
        """All refunds."""
        return [refund_of(refund, self.record.currency_code) for refund in self.record.refunds]


def order_of(record: records.Order, shop: ShopDomain) -> Order:
    """Return a stored order as the API shows it."""
    currency = record.currency_code
    return Order(
        shop=shop,
        record=record,
        id=global_id("Order", record.id),
        legacy_resource_id=BigInt(record.id),
        name=record.name,
        created_at=record.created_at,
        processed_at=record.processed_at,
        updated_at=record.updated_at,
        cancelled_at=record.cancelled_at,
        test=record.test,
        financial_status=record.financial_status,
        fulfillment_status=record.fulfillment_status,
        currency_code=CurrencyCode(currency),
        presentment_currency_code=CurrencyCode(record.presentment_currency_code),
        subtotal=money(record.subtotal, currency),
        total_discounts=money(record.total_discounts, currency),
        total_shipping=money(record.total_shipping, currency),
        total_tax=money(record.total_tax, currency),
        total_price=money(record.total_price, currency),
        total_refunded=money(record.total_refunded, currency),
        source_name=record.source_name,
        country_code=record.country_code,
        tags=list(record.tags),
    )


@api_type
class OrderConnection(Connection[Order]):
    """One page of orders."""
