"""Moments and money as REST writes them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync_engine.simulator.graphql_api.types.money_types import fixed_text
from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.money import MoneyBag


class Writer:
    """Writes values for one shop: moments carry the offset of its time zone."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def moment(self, moment: datetime | None) -> str | None:
        """`2026-10-31T19:59:59-04:00`."""
        return None if moment is None else moment.astimezone(self._zone).isoformat()


def shop_amount(bag: MoneyBag) -> str:
    """The shop's side as text, with all of the currency's decimals."""
    return fixed_text(bag.shop_money)


def money_set(bag: MoneyBag) -> dict[str, dict[str, str]]:
    """Both sides with their currencies."""
    pair = bag.pair
    return {
        "shop_money": {"amount": fixed_text(bag.shop_money), "currency_code": pair.shop.code},
        "presentment_money": {
            "amount": fixed_text(bag.presentment_money),
            "currency_code": pair.presentment.code,
        },
    }


def address_json(address: Address) -> dict[str, Any]:
    """A postal address as it stands on an order."""
    return {
        "first_name": address.first_name,
        "address1": address.address1,
        "phone": address.phone,
        "city": address.city,
        "zip": address.zip,
        "province": address.province,
        "country": address.country,
        "last_name": address.last_name,
        "address2": address.address2,
        "company": address.company,
        "latitude": None,
        "longitude": None,
        "name": address.name,
        "country_code": address.country_code,
        "province_code": address.province_code,
    }
