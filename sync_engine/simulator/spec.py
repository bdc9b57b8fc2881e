"""The one-line description of a simulated shop.

    name:seed=7:customers=2500:products=400:orders=10000:timezone=Europe/Berlin:currency=EUR

`name` becomes `name.myshopify.com`; every key is optional. The same text always describes the same
shop, record for record. `SHOP_KEYS` lists the keys with what they mean.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync_engine.simulator.countries import COUNTRIES
from sync_engine.simulator.currency import CURRENCIES

SHOP_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "seed": "integer that every generated value depends on",
        "customers": "how many customers",
        "products": "how many products",
        "orders": "how many orders",
        "timezone": "IANA time zone of the shop",
        "currency": "ISO 4217 code of the shop's currency",
        "presentment": "comma-separated currencies that customers may pay in besides; or none",
        "country": "ISO 3166 code of the shop's country",
        "taxes_included": "true where prices include taxes",
        "plan": "standard, advanced, plus, enterprise or unmetered: how much the shop may be asked",
        "ids": "straddle: ids of some resources cross 2^53; small: all of them stay below",
        "jsonl": "order of ungrouped bulk results: mixed, grouped, shuffled or children_first",
        "token": "static Admin API token that is always accepted, as a custom app has",
        "scopes": "comma-separated scopes of that token",
        "start": "first day of the shop's history",
        "end": "day on which the history ends (not included)",
    }
)

DEFAULT_SCOPES = ("read_customers", "read_products", "read_orders", "read_all_orders")

_MAX_RECORDS = 20_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


class SpecError(ValueError):
    """A shop spec that cannot be used.

    Attributes:
        key: The key at fault; `name` for the part before the first colon.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"shop spec, {key}: {problem}")
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSpec:
    """What a shop is generated from; see `SHOP_KEYS`."""

    name: str
    seed: int = 1
    customers: int = 100
    products: int = 40
    orders: int = 400
    timezone: str = "America/New_York"
    currency: str = "USD"
    presentment: tuple[str, ...] = ("EUR", "GBP", "CAD", "JPY", "KWD")
    country: str = "US"
    taxes_included: bool = False
    plan: str = "standard"
    ids: str = "straddle"
    jsonl: str = "mixed"
    token: str = ""
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    start: date = date(2024, 11, 1)
    end: date = date(2026, 11, 1)

    @classmethod
    def parse(cls, text: str) -> "ShopSpec":
        """Read a spec.

        Raises:
            SpecError: A key is unknown, given twice or has a value that makes no sense.
        """
        name, *parts = text.split(":")
        if not _NAME.fullmatch(name):
            raise SpecError(
                key="name", problem=f"{name!r} is not a shop name (a-z, 0-9 and hyphens)"
            )
        values: dict[str, Any] = {}
        for part in parts:
            key, separator, raw = part.partition("=")
            if key not in SHOP_KEYS:
                raise SpecError(key, f"unknown key; known are {', '.join(SHOP_KEYS)}")
            if not separator:
                raise SpecError(key, "has no value")
            if key in values:
                raise SpecError(key, "given twice")
            values[key] = _READERS[key](key, raw)
        spec = cls(name=name, **values)
        if spec.start >= spec.end:
            raise SpecError(key="end", problem=f"{spec.end} is not after start {spec.start}")
        return spec

    @property
    def domain(self) -> str:
        """The shop's permanent domain."""
        return f"{self.name}.myshopify.com"

    @property
    def static_token(self) -> str:
        """The token of the shop's custom app."""
        return self.token or f"shpat_{self.name}"

    @property
    def data_key(self) -> str:
        """Text that differs whenever two specs generate different records."""
        return repr(
            (
                self.name,
                self.seed,
                (self.customers, self.products, self.orders),
                (self.timezone, self.currency, self.presentment, self.country),
                (self.taxes_included, self.ids, self.start, self.end),
            )
        )


def _count(key: str, raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or int(raw) > _MAX_RECORDS:
        raise SpecError(key, f"{raw!r} is not a number from 0 to {_MAX_RECORDS}")
    return int(raw)


def _seed(key: str, raw: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", raw):
        raise SpecError(key, f"{raw!r} is not an integer")
    return int(raw)


def _timezone(key: str, raw: str) -> str:
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SpecError(key, f"{raw!r} is not an IANA time zone") from error
    return raw


def _currency(key: str, raw: str) -> str:
    if raw not in CURRENCIES:
        raise SpecError(key, f"{raw!r} is not one of {', '.join(CURRENCIES)}")
    return raw


def _currencies(key: str, raw: str) -> tuple[str, ...]:
    return () if raw == "none" else tuple(_currency(key, code) for code in raw.split(","))


def _boolean(key: str, raw: str) -> bool:
    if raw not in {"true", "false"}:
        raise SpecError(key, f"{raw!r} is neither true nor false")
    return raw == "true"


def _one_of(*allowed: str) -> Callable[[str, str], str]:
    def read(key: str, raw: str) -> str:
        if raw not in allowed:
            raise SpecError(key, f"{raw!r} is not one of {', '.join(allowed)}")
        return raw

    return read


def _token(key: str, raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", raw):
        raise SpecError(key, f"{raw!r} has characters that no token has")
    return raw


def _scopes(key: str, raw: str) -> tuple[str, ...]:
    scopes = tuple(raw.split(",")) if raw else ()
    for scope in scopes:
        if not re.fullmatch(r"(?:read|write)_[a-z_]+", scope):
            raise SpecError(key, f"{scope!r} is not a scope")
    return scopes


def _day(key: str, raw: str) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError as error:
        raise SpecError(key, f"{raw!r} is not a date like 2026-01-31") from error


_READERS: Mapping[str, Callable[[str, str], Any]] = MappingProxyType(
    {
        "seed": _seed,
        "customers": _count,
        "products": _count,
        "orders": _count,
        "timezone": _timezone,
        "currency": _currency,
        "presentment": _currencies,
        "country": _one_of(*COUNTRIES),
        "taxes_included": _boolean,
        "plan": _one_of("standard", "advanced", "plus", "enterprise", "unmetered"),
        "ids": _one_of("straddle", "small"),
        "jsonl": _one_of("mixed", "grouped", "shuffled", "children_first"),
        "token": _token,
        "scopes": _scopes,
        "start": _day,
        "end": _day,
    }
)
