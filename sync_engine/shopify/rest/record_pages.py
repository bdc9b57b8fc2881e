"""Reads REST's lists of records: behind an id, or changed since, a page at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.records import Record
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.mapping.rest import Mapped
from sync_engine.shopify.mapping.rest_customers import RestCustomer, customer_from_rest
from sync_engine.shopify.mapping.rest_orders import RestOrder, order_from_rest
from sync_engine.shopify.mapping.rest_products import RestProduct, product_from_rest
from sync_engine.shopify.rest.client import RestClient

MOST_RECORDS = 250
"""Source: shopify.dev, REST Admin API reference: the most that ``limit`` may be."""

# Without it only open orders come. Products of every status come without any filter.
_EVERY: Mapping[Resource, dict[str, str]] = {Resource.ORDERS: {"status": "any"}}


class RestRow(msgspec.Struct, gc=False):
    """What every record has, however damaged the rest of it is."""

    id: int
    updated_at: datetime


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """Records as they came, and the parameters of the page after them; None on the last."""

    rows: list[msgspec.Raw]
    next_params: dict[str, str] | None


class _Count(msgspec.Struct):
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestFormat:
    """How a resource's payloads are read; ``to_record`` raises ValueError for what cannot be."""

    type_name: str
    decoder: msgspec.json.Decoder[Any]
    to_record: Callable[[Any, str], Mapped[Record]]


def rest_format(resource: Resource) -> RestFormat:
    """Return the format of a resource's payloads; webhooks send the same."""
    match resource:
        case Resource.CUSTOMERS:
            return RestFormat(
                type_name="Customer",
                decoder=msgspec.json.Decoder(RestCustomer),
                to_record=customer_from_rest,
            )
        case Resource.PRODUCTS:
            return RestFormat(
                type_name="Product",
                decoder=msgspec.json.Decoder(RestProduct),
                to_record=product_from_rest,
            )
        case Resource.ORDERS:
            return RestFormat(
                type_name="Order",
                decoder=msgspec.json.Decoder(RestOrder),
                to_record=lambda payload, _currency: order_from_rest(payload),
            )


def params_after(resource: Resource, number: int, limit: int) -> dict[str, str]:
    """Return the parameters of the list behind an id, upwards."""
    return {**_EVERY.get(resource, {}), "limit": str(limit), "since_id": str(number)}


def params_changed(resource: Resource, since: datetime, limit: int) -> dict[str, str]:
    """Return the parameters of the list of what was changed at this second or later, upwards.

    ``order`` is honoured by Shopify, but nowhere documented: look at what comes.
    """
    changed = {"updated_at_min": _timestamp(since), "order": "updated_at asc"}
    return {**_EVERY.get(resource, {}), "limit": str(limit), **changed}


async def read_page(rest: RestClient, resource: Resource, params: Mapping[str, str]) -> RecordPage:
    """Return the page of these parameters.

    Raises:
        SyncError: as ``RestClient.get``.
    """
    root = resource.value.lower()
    page = await rest.get(f"{root}.json", params, kind=dict[str, list[msgspec.Raw]])
    if root not in page.data:
        message = f"Shopify's answer to {root}.json holds no {root}"
        raise ShopifyUnavailableError(message)
    return RecordPage(rows=page.data[root], next_params=page.next_params)


async def count_rest_records(rest: RestClient, resource: Resource, since: datetime | None) -> int:
    """Count the records of a resource, or those that were changed since then.

    Raises:
        SyncError: as ``RestClient.get``.
    """
    changed = {} if since is None else {"updated_at_min": _timestamp(since)}
    params = {**_EVERY.get(resource, {}), **changed}
    page = await rest.get(f"{resource.value.lower()}/count.json", params, kind=_Count)
    return page.data.count


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
