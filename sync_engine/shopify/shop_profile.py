"""Asks Shopify what a shop is, and what the app may do there."""

import msgspec

from sync_engine.model.shop import ShopProfile
from sync_engine.model.shop_domain import parse_shop_domain
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document


class _Address(msgspec.Struct, rename="camel"):
    country_code_v2: str | None = msgspec.field(name="countryCodeV2", default=None)


class _Plan(msgspec.Struct, rename="camel"):
    public_display_name: str


class _Shop(msgspec.Struct, rename="camel"):
    id: str
    myshopify_domain: str
    name: str
    currency_code: str
    iana_timezone: str
    taxes_included: bool
    shop_address: _Address | None = None
    plan: _Plan | None = None


class _Scope(msgspec.Struct):
    handle: str


class _Installation(msgspec.Struct, rename="camel"):
    access_scopes: list[_Scope]


class _Answer(msgspec.Struct, rename="camel"):
    shop: _Shop
    current_app_installation: _Installation


async def read_shop_profile(client: ShopifyClient) -> tuple[ShopProfile, tuple[str, ...]]:
    """Return the shop as Shopify describes it, and the scopes that were granted.

    The profile's domain is the one that Shopify states, which differs from the one that was asked
    where a shop was moved.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    answer = await client.execute(document("shop_profile"), _Answer)
    shop = answer.shop
    profile = ShopProfile(
        gid=shop.id,
        domain=parse_shop_domain(shop.myshopify_domain),
        name=shop.name,
        currency_code=shop.currency_code,
        iana_timezone=shop.iana_timezone,
        taxes_included=shop.taxes_included,
        country_code=shop.shop_address.country_code_v2 if shop.shop_address else None,
        plan_name=shop.plan.public_display_name if shop.plan else None,
    )
    scopes = tuple(sorted(scope.handle for scope in answer.current_app_installation.access_scopes))
    return profile, scopes
