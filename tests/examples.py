"""Ready-made records and runs, for tests that need one and care about a field or two of it."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync_engine.model.batch import Batch
from sync_engine.model.clock import SystemClock
from sync_engine.model.records import Customer, LineItem, Order, Product, ProductVariant
from sync_engine.model.run import Advance, Run
from sync_engine.model.shop import AccessGrant, Shop, ShopProfile
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncMode, SyncTrigger
from sync_engine.model.webhook_event import WebhookEvent
from sync_engine.runs.start_run import start_run
from sync_engine.store.store import Store

SHOP = ShopDomain("first.myshopify.com")
OTHER_SHOP = ShopDomain("second.myshopify.com")
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 3, 12, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)


def fresh_shop() -> ShopDomain:
    """Return a shop that no other test, nor another example of the same test, uses."""
    return ShopDomain(f"shop-{uuid.uuid4().hex}.myshopify.com")


def customer(number: int = 1, **changes: Any) -> Customer:
    """Return a customer."""
    fields: dict[str, Any] = {
        "id": number,
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "display_name": "Ada Example",
        "first_name": "Ada",
        "last_name": "Example",
        "email": f"ada{number}@example.com",
        "phone": None,
        "state": "ENABLED",
        "tags": (),
        "country_code": "DE",
        "number_of_orders": 2,
        "amount_spent": Decimal("20.00"),
        "currency_code": "USD",
    }
    return Customer(**(fields | changes))


def variant(number: int = 1, **changes: Any) -> ProductVariant:
    """Return a variant."""
    fields: dict[str, Any] = {
        "id": number,
        "title": "Large",
        "sku": f"SKU-{number}",
        "price": Decimal("10.00"),
        "compare_at_price": None,
        "inventory_quantity": 5,
        "position": number,
    }
    return ProductVariant(**(fields | changes))


def product(number: int = 1, **changes: Any) -> Product:
    """Return a product without variants."""
    fields: dict[str, Any] = {
        "id": number,
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "title": f"Product {number}",
        "handle": f"product-{number}",
        "vendor": "Acme",
        "product_type": "Shirt",
        "status": "ACTIVE",
        "tags": (),
        "currency_code": "USD",
        "variants": (),
    }
    return Product(**(fields | changes))


def line_item(number: int = 1, **changes: Any) -> LineItem:
    """Return a line."""
    fields: dict[str, Any] = {
        "id": number,
        "title": "Shirt",
        "sku": "SKU-1",
        "quantity": 1,
        "product_id": 1,
        "variant_id": 1,
        "unit_price": Decimal("10.00"),
        "total_discount": Decimal("0.00"),
    }
    return LineItem(**(fields | changes))


def order(number: int = 1, **changes: Any) -> Order:
    """Return an order without lines and refunds."""
    zero = Decimal("0.00")
    fields: dict[str, Any] = {
        "id": number,
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "name": f"#{number}",
        "processed_at": MONDAY,
        "cancelled_at": None,
        "test": False,
        "taxes_included": False,
        "financial_status": "PAID",
        "fulfillment_status": "FULFILLED",
        "currency_code": "USD",
        "presentment_currency_code": "USD",
        "subtotal": Decimal("10.00"),
        "total_discounts": zero,
        "total_shipping": zero,
        "shipping_charged": zero,
        "total_tax": zero,
        "total_price": Decimal("10.00"),
        "total_refunded": zero,
        "source_name": "web",
        "country_code": "DE",
        "tags": (),
        "customer_id": None,
        "line_items": (),
        "refunds": (),
    }
    return Order(**(fields | changes))


def batch(*records: Any, **changes: Any) -> Batch:
    """Return a batch that was observed on Monday."""
    fields: dict[str, Any] = {
        "records": records,
        "loose_children": (),
        "rejects": (),
        "observed_at": MONDAY,
        "checkpoint": {"next_byte": 0},
        "export_id": "gid://shopify/BulkOperation/1",
    }
    return Batch(**(fields | changes))


def event(number: int, shop: ShopDomain = SHOP, **changes: Any) -> WebhookEvent:
    """Return an event that has just come."""
    fields: dict[str, Any] = {
        "id": f"w{number}",
        "shop": shop,
        "topic": "orders/updated",
        "event_id": "e1",
        "api_version": "2026-10",
        "triggered_at": MONDAY + timedelta(minutes=number),
        "received_at": datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1),
        "body": b'{"id": 1}',
    }
    return WebhookEvent(**(fields | changes))


async def commit(
    store: Store, run: Run, resource: Resource, given: Batch, step: Advance | None = None
) -> Run:
    """Write a batch under a run and return the run as it then stands."""
    async with store.writers(run.shop) as writers:
        writer = writers.batches[resource]
        return await writer.commit(run, await writer.seal(given), step or Advance(now=MONDAY))


async def connected_shop(
    store: Store,
    domain: ShopDomain = SHOP,
    currency: str = "USD",
    timezone: str = "Europe/Berlin",
) -> Shop:
    """Connect a shop and return it."""
    profile = ShopProfile(
        gid="gid://shopify/Shop/1",
        domain=domain,
        name="First",
        currency_code=currency,
        iana_timezone=timezone,
        taxes_included=False,
        country_code="DE",
        plan_name="Basic",
    )
    grant = AccessGrant(access_token="shpat_secret")
    return await store.shops.connect(profile, grant, ["read_orders"], now=MONDAY)


async def run_under_way(store: Store, domain: ShopDomain = SHOP, fence: int = 1) -> Run:
    """Start an initial run and take it up."""
    run, _ = await start_run(
        store.shop(domain),
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        resources=tuple(Resource),
        strategy=None,
        clock=SystemClock(),
    )
    taken = await store.shop(domain).runs.take_up(run.id, fence=fence, now=MONDAY)
    assert taken is not None
    return taken
