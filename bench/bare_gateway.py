"""What `bench.gateway` compares with: Strawberry as it comes, and constants of the same shape.

`python -m bench.bare_gateway <port> [--cached]`. No database, no callers, no limits, no log. With
`--cached` it has Strawberry's caches for parsed and validated documents, which the gateway's own
correspond to.
"""

import sys

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

ORDERS = 50


@strawberry.type
class Money:
    """An amount."""

    amount: str
    currency_code: str


@strawberry.type
class Customer:
    """Who ordered."""

    id: strawberry.ID
    display_name: str


@strawberry.type
class Order:
    """An order."""

    id: strawberry.ID
    name: str
    created_at: str
    financial_status: str
    subtotal: Money
    total_discounts: Money
    total_shipping: Money
    total_tax: Money
    total_price: Money
    total_refunded: Money
    customer: Customer


@strawberry.type
class PageInfo:
    """Where a page ends."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class OrderConnection:
    """A page."""

    nodes: list[Order]
    page_info: PageInfo


@strawberry.type
class Settings:
    """How a shop is synced."""

    incremental_interval_minutes: int
    reconcile_interval_days: int


@strawberry.input
class DateRange:
    """Which days."""

    from_: str = strawberry.field(name="from")
    until: str


@strawberry.type
class KpiValues:
    """Figures."""

    orders: int
    net_sales: str
    total_sales: str
    average_order_value: str
    customers: int


@strawberry.type
class KpiPoint:
    """A day's figures."""

    date: str
    values: KpiValues


@strawberry.type
class KpiReport:
    """A month's figures."""

    totals: KpiValues
    series: list[KpiPoint]


@strawberry.type
class Shop:
    """A shop."""

    id: strawberry.ID
    domain: str
    name: str
    status: str
    currency_code: str
    iana_timezone: str
    settings: Settings

    @strawberry.field
    def kpis(self, range: DateRange) -> KpiReport:  # noqa: A002 - as the API has it
        """Return constants."""
        del range
        return _KPIS

    @strawberry.field
    def orders(self, first: int = 50) -> OrderConnection:
        """Return constants."""
        return _PAGE if first == ORDERS else OrderConnection(nodes=[], page_info=_INFO)


def _order(number: int) -> Order:
    price = Money(amount="10.00", currency_code="USD")
    return Order(
        id=strawberry.ID(f"gid://shopify/Order/{number}"),
        name=f"#{number}",
        created_at="2026-11-02T12:00:00Z",
        financial_status="PAID",
        subtotal=price,
        total_discounts=price,
        total_shipping=price,
        total_tax=price,
        total_price=price,
        total_refunded=price,
        customer=Customer(id=strawberry.ID("gid://shopify/Customer/1"), display_name="Ada Example"),
    )


_INFO = PageInfo(has_next_page=True, end_cursor="x" * 40)
_PAGE = OrderConnection(nodes=[_order(number) for number in range(ORDERS)], page_info=_INFO)
_VALUES = KpiValues(
    orders=2_000,
    net_sales="20000.00",
    total_sales="20000.00",
    average_order_value="10.00",
    customers=100,
)
_KPIS = KpiReport(
    totals=_VALUES,
    series=[KpiPoint(date=f"2026-11-{day:02}", values=_VALUES) for day in range(1, 31)],
)
_SHOP = Shop(
    id=strawberry.ID("gid://shopify/Shop/1"),
    domain="first.myshopify.com",
    name="First",
    status="ACTIVE",
    currency_code="USD",
    iana_timezone="Europe/Berlin",
    settings=Settings(incremental_interval_minutes=15, reconcile_interval_days=7),
)


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def shop(self) -> Shop:
        """Return a constant."""
        return _SHOP


def main() -> None:
    """Serve."""
    caches = [ParserCache, ValidationCache] if "--cached" in sys.argv else []
    schema = strawberry.Schema(Query, extensions=caches)
    app = Starlette(routes=[Route("/graphql", GraphQL(schema, graphql_ide=None))])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
