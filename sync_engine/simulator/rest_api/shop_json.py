"""The REST Shop resource.

Source: shopify.dev, REST Admin API reference, Shop.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync_engine.simulator.records.shop_profile import ShopProfile
from sync_engine.simulator.rest_api.scalars import Writer


def shop_json(profile: ShopProfile, write: Writer, now: int) -> dict[str, Any]:
    """What a shop says about itself."""
    address = profile.address
    offset = datetime.fromtimestamp(now, ZoneInfo(profile.timezone)).strftime("%z")
    return {
        "id": profile.id,
        "name": profile.name,
        "email": profile.email,
        "domain": profile.domain,
        "province": address.province,
        "country": address.country_code,
        "address1": address.address1,
        "zip": address.zip,
        "city": address.city,
        "phone": address.phone,
        "primary_locale": "en",
        "address2": address.address2,
        "created_at": write.moment(profile.created_at),
        "updated_at": write.moment(profile.updated_at),
        "country_code": address.country_code,
        "country_name": address.country,
        "currency": profile.currency.code,
        "customer_email": profile.email,
        "timezone": f"(GMT{offset[:3]}:{offset[3:]}) {profile.timezone}",
        "iana_timezone": profile.timezone,
        "shop_owner": "Ada Lovelace",
        "weight_unit": "kg",
        "province_code": address.province_code,
        "taxes_included": profile.has_taxes_included,
        "tax_shipping": profile.is_shipping_taxed,
        "plan_display_name": profile.plan,
        "plan_name": profile.plan.lower().replace(" ", "_"),
        "myshopify_domain": profile.domain,
        "enabled_presentment_currencies": [c.code for c in profile.presentment_currencies],
    }
