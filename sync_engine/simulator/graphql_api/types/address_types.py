"""MailingAddress and ShopAddress."""

from operator import attrgetter

from sync_engine.simulator.gids import address_gid
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.records.address import Address


def _area(address: Address) -> str:
    parts = (address.city, address.province_code, address.country)
    return ", ".join(part for part in parts if part)


def _formatted(arguments: Arguments, _execution: Execution) -> Getter:
    def lines(address: Address) -> list[str]:
        name = address.name if arguments.get("withName") else None
        company = address.company if arguments.get("withCompany", True) else None
        city = " ".join(p for p in (address.city, address.province_code, address.zip) if p)
        parts = (name, company, address.address1, address.address2, city, address.country)
        return [part for part in parts if part]

    return lines


_COMMON: FieldTable = {
    "address1": Field(attrgetter("address1")),
    "address2": Field(attrgetter("address2")),
    "city": Field(attrgetter("city")),
    "company": Field(attrgetter("company")),
    "coordinatesValidated": Field(lambda _: False),
    "country": Field(attrgetter("country")),
    "countryCode": Field(attrgetter("country_code")),
    "countryCodeV2": Field(attrgetter("country_code")),
    "formatted": BoundField(_formatted),
    "formattedArea": Field(_area),
    "id": Field(address_gid),
    "phone": Field(attrgetter("phone")),
    "province": Field(attrgetter("province")),
    "provinceCode": Field(attrgetter("province_code")),
    "zip": Field(attrgetter("zip")),
}
MAILING_ADDRESS: FieldTable = {
    **_COMMON,
    "firstName": Field(attrgetter("first_name")),
    "lastName": Field(attrgetter("last_name")),
    "name": Field(attrgetter("name")),
}
SHOP_ADDRESS: FieldTable = {
    **_COMMON,
    "firstName": Field(lambda _: None),
    "lastName": Field(lambda _: None),
    "name": Field(lambda _: None),
}
