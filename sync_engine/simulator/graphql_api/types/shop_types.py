"""Shop, AppInstallation, ApiVersion and Event."""

from datetime import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from sync_engine.simulator.events import ShopEvent
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.records.shop_profile import ShopProfile


class AccessScope(Struct, frozen=True):
    """A scope that the token has."""

    handle: str


class App(Struct, frozen=True):
    """The app that asks, known by its client id."""

    client_id: str


class Installation(Struct, frozen=True):
    """The app that asks, as installed on this shop."""

    app: str
    scopes: tuple[AccessScope, ...]


class Domain(Struct, frozen=True):
    """A shop's address on the web."""

    host: str
    id: int


class Deletion(Struct, frozen=True):
    """An event about a record; so far only that one was destroyed."""

    event: ShopEvent
    place: int
    shop_name: str

    @property
    def id(self) -> int:
        """Number of the event."""
        return 900_000_000_000 + self.place


def _offset_minutes(_arguments: Arguments, execution: Execution) -> Getter:
    def minutes(profile: ShopProfile) -> int:
        return _utc_offset_minutes(profile.timezone, execution.now)

    return minutes


def _offset_text(_arguments: Arguments, execution: Execution) -> Getter:
    def text(profile: ShopProfile) -> str:
        minutes = _utc_offset_minutes(profile.timezone, execution.now)
        sign = "-" if minutes < 0 else "+"
        hours, rest = divmod(abs(minutes), 60)
        return f"{sign}{hours:02d}{rest:02d}"

    return text


def _abbreviation(_arguments: Arguments, execution: Execution) -> Getter:
    def text(profile: ShopProfile) -> str:
        moment = datetime.fromtimestamp(execution.now, ZoneInfo(profile.timezone))
        return moment.tzname() or ""

    return text


def _utc_offset_minutes(timezone: str, now: int) -> int:
    offset = datetime.fromtimestamp(now, ZoneInfo(timezone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60


def _self(profile: Any) -> Any:
    return profile


SHOP: FieldTable = {
    "billingAddress": Field(attrgetter("address")),
    "checkoutApiSupported": Field(lambda _: True),
    "contactEmail": Field(attrgetter("email")),
    "createdAt": Field(attrgetter("created_at")),
    "currencyCode": Field(attrgetter("currency.code")),
    "description": Field(lambda _: None),
    "email": Field(attrgetter("email")),
    "enabledPresentmentCurrencies": Field(
        lambda profile: [currency.code for currency in profile.presentment_currencies]
    ),
    "ianaTimezone": Field(attrgetter("timezone")),
    "id": Field(lambda profile: gid("Shop", profile.id)),
    "myshopifyDomain": Field(attrgetter("domain")),
    "name": Field(attrgetter("name")),
    "orderNumberFormatPrefix": Field(lambda _: "#"),
    "orderNumberFormatSuffix": Field(lambda _: ""),
    "plan": Field(_self),
    "primaryDomain": Field(lambda profile: Domain(profile.domain, profile.id)),
    "resourceLimits": Field(_self),
    "setupRequired": Field(lambda _: False),
    "shopAddress": Field(attrgetter("address")),
    "shopOwnerName": Field(lambda _: "Ada Lovelace"),
    "taxShipping": Field(attrgetter("is_shipping_taxed")),
    "taxesIncluded": Field(attrgetter("has_taxes_included")),
    "timezoneAbbreviation": BoundField(_abbreviation),
    "timezoneOffset": BoundField(_offset_text),
    "timezoneOffsetMinutes": BoundField(_offset_minutes),
    "unitSystem": Field(lambda _: "METRIC_SYSTEM"),
    "updatedAt": Field(attrgetter("updated_at")),
    "url": Field(lambda profile: f"https://{profile.domain}"),
    "weightUnit": Field(lambda _: "KILOGRAMS"),
}
SHOP_PLAN: FieldTable = {
    "displayName": Field(attrgetter("plan")),
    "partnerDevelopment": Field(lambda _: False),
    "publicDisplayName": Field(attrgetter("plan")),
    "shopifyPlus": Field(attrgetter("is_plus")),
}
SHOP_RESOURCE_LIMITS: FieldTable = {
    "locationLimit": Field(lambda _: 1000),
    "maxProductOptions": Field(lambda _: 3),
    "maxProductVariants": Field(lambda _: 2048),
    "redirectLimitReached": Field(lambda _: False),
}
DOMAIN: FieldTable = {
    "host": Field(attrgetter("host")),
    "id": Field(lambda domain: gid("Domain", domain.id)),
    "sslEnabled": Field(lambda _: True),
    "url": Field(lambda domain: f"https://{domain.host}"),
}
APP: FieldTable = {
    "apiKey": Field(attrgetter("client_id")),
    "embedded": Field(lambda _: False),
    "handle": Field(attrgetter("client_id")),
    "id": Field(lambda _: gid("App", 700_000_000_000)),
    "title": Field(lambda _: "Simulated app"),
}
APP_INSTALLATION: FieldTable = {
    "app": Field(lambda installation: App(installation.app)),
    "accessScopes": Field(attrgetter("scopes")),
    "id": Field(lambda _: gid("AppInstallation", 700_000_000_001)),
    "launchUrl": Field(lambda installation: f"https://admin.example/apps/{installation.app}"),
    "uninstallUrl": Field(lambda _: None),
}
ACCESS_SCOPE: FieldTable = {
    "description": Field(lambda scope: scope.handle.replace("_", " ").capitalize()),
    "handle": Field(attrgetter("handle")),
}
API_VERSION: FieldTable = {
    "displayName": Field(attrgetter("display_name")),
    "handle": Field(attrgetter("handle")),
    "supported": Field(attrgetter("is_supported")),
}
_SUBJECT_TYPES = {"order": "ORDER", "product": "PRODUCT", "customer": "CUSTOMER"}
BASIC_EVENT: FieldTable = {
    "action": Field(lambda _: "destroy"),
    "appTitle": Field(lambda _: None),
    "attributeToApp": Field(lambda _: False),
    "attributeToUser": Field(lambda _: True),
    "createdAt": Field(lambda item: utc(item.event.at)),
    "criticalAlert": Field(lambda _: False),
    "id": Field(lambda item: gid("BasicEvent", item.id)),
    "message": Field(lambda item: f"Ada Lovelace deleted a {item.event.resource}."),
    "subjectId": Field(lambda item: gid(item.event.resource.capitalize(), item.event.id)),
    "subjectType": Field(lambda item: _SUBJECT_TYPES[item.event.resource]),
}
