"""What lists can be narrowed by and sorted on. Typed, so that no operator can be smuggled in."""

from datetime import datetime
from enum import StrEnum

import msgspec


class TimeRange(msgspec.Struct, frozen=True, kw_only=True):
    """From ``from_at`` on, until before ``until_at``."""

    from_at: datetime | None = None
    until_at: datetime | None = None


class CustomerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Every given condition must hold."""

    created: TimeRange | None = None
    updated: TimeRange | None = None
    email: str | None = None
    tag: str | None = None
    country_code: str | None = None
    min_orders: int | None = None


class ProductFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Every given condition must hold."""

    created: TimeRange | None = None
    updated: TimeRange | None = None
    status: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    tag: str | None = None
    sku: str | None = None


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Every given condition must hold; ids are Shopify's numbers."""

    created: TimeRange | None = None
    updated: TimeRange | None = None
    customer_id: int | None = None
    product_id: int | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    name: str | None = None
    tag: str | None = None
    cancelled: bool | None = None
    test: bool | None = None


class CustomerSort(StrEnum):
    """What customers can be sorted on."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    AMOUNT_SPENT = "AMOUNT_SPENT"


class ProductSort(StrEnum):
    """What products can be sorted on."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    TITLE = "TITLE"


class OrderSort(StrEnum):
    """What orders can be sorted on."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    TOTAL_PRICE = "TOTAL_PRICE"
