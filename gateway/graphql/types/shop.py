"""Shops: what Shopify says of them. Their data and their syncs are in the modules beside."""

from datetime import datetime
from functools import partial

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.enums import ShopStatus
from gateway.graphql.paging import Connection, checked_first, page_of
from gateway.graphql.scalars import CurrencyCode
from gateway.graphql.types.shop_kpis import ShopKpis
from gateway.graphql.types.shop_records import ShopRecords
from gateway.graphql.types.shop_settings import ShopSettings, shop_settings_of
from gateway.graphql.types.shop_sync import ShopSync
from sync_engine.model import shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.shops import ShopRepository


@api_type
class Shop(ShopSync, ShopKpis, ShopRecords):
    """A connected Shopify store."""

    id: strawberry.ID = strawberry.field(description="Shopify's global id.")
    domain: ShopDomain = strawberry.field(description="The permanent domain.")
    name: str = strawberry.field(description="The name of the shop.")
    status: ShopStatus = strawberry.field(description="Whether the shop can be synced.")
    currency_code: CurrencyCode = strawberry.field(description="The shop's currency.")
    iana_timezone: str = strawberry.field(description="The shop's time zone: Europe/Berlin.")
    country_code: str | None = strawberry.field(description="Where the shop is, in two letters.")
    plan_name: str | None = strawberry.field(description="The shop's plan at Shopify.")
    installed_at: datetime = strawberry.field(description="When it was first connected.")
    uninstalled_at: datetime | None = strawberry.field(
        description="When it was disconnected; null while it is connected."
    )
    granted_scopes: list[str] = strawberry.field(
        description="What the shop allows the app at Shopify, such as read_orders."
    )
    settings: ShopSettings = strawberry.field(description="What the merchant has set.")


@api_type
class ShopConnection(Connection[Shop]):
    """One page of shops."""


def shop_of(record: shop.Shop) -> Shop:
    """Return a stored shop as the API shows it."""
    profile = record.profile
    return Shop(
        record=record,
        id=strawberry.ID(profile.gid),
        domain=record.domain,
        name=profile.name,
        status=record.status,
        currency_code=CurrencyCode(profile.currency_code),
        iana_timezone=profile.iana_timezone,
        country_code=profile.country_code,
        plan_name=profile.plan_name,
        installed_at=record.installed_at,
        uninstalled_at=record.uninstalled_at,
        granted_scopes=list(record.granted_scopes),
        settings=shop_settings_of(record.settings),
    )


def shop_list(
    shops: ShopRepository,
    *,
    first: int,
    after: str | None,
    only: ShopDomain | None,
    statuses: list[ShopStatus] | None,
    search: str | None,
) -> ShopConnection:
    """Return the shops that match, by domain, or the one that the caller is; nothing is read yet.

    Raises:
        BadUserInputError: the page is too large.
    """
    page = partial(
        shops.page,
        first=checked_first(first),
        after=after,
        only=only,
        statuses=statuses,
        search=search,
    )
    count = partial(shops.count, only=only, statuses=statuses, search=search)
    return ShopConnection(page=page_of(page, shop_of), count=count)
