"""Countries that customers live in: places, post codes, phone prefixes and taxes.

Made up where it does not matter (street names, numbers), true where a reader would notice (which
city lies in which region, what the taxes are called and how high they roughly are).
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


class Place(Struct, frozen=True):
    """A city with its region; the region is empty where addresses do without."""

    city: str
    province: str | None
    province_code: str | None
    zip_pattern: str


class Country(Struct, frozen=True):
    """A country.

    Attributes:
        zip_pattern of a place: `#` stands for a digit, `@` for a letter.
        taxes: Names with rates in millionths; several where taxes add up.
        share: Relative weight among foreign customers.
    """

    code: str
    name: str
    phone_prefix: str
    locale: str
    share: int
    taxes: tuple[tuple[str, int], ...]
    places: tuple[Place, ...]


def _table(*countries: Country) -> Mapping[str, Country]:
    return MappingProxyType({country.code: country for country in countries})


COUNTRIES = _table(
    Country(
        "US",
        "United States",
        "+1",
        "en-US",
        40,
        (("State Tax", 60_000), ("County Tax", 12_500)),
        (
            Place("Portland", "Oregon", "OR", "972##"),
            Place("Austin", "Texas", "TX", "787##"),
            Place("Brooklyn", "New York", "NY", "112##"),
            Place("San José", "California", "CA", "951##"),
        ),
    ),
    Country(
        "CA",
        "Canada",
        "+1",
        "en-CA",
        10,
        (("GST", 50_000), ("QST", 99_750)),
        (
            Place("Montréal", "Quebec", "QC", "H#@ #@#"),
            Place("Toronto", "Ontario", "ON", "M#@ #@#"),
            Place("Vancouver", "British Columbia", "BC", "V#@ #@#"),
        ),
    ),
    Country(
        "DE",
        "Germany",
        "+49",
        "de",
        16,
        (("MwSt", 190_000),),
        (
            Place("Köln", None, None, "50###"),
            Place("Berlin", None, None, "10###"),
            Place("München", None, None, "80###"),
        ),
    ),
    Country(
        "GB",
        "United Kingdom",
        "+44",
        "en-GB",
        14,
        (("GB VAT", 200_000),),
        (
            Place("London", "England", "ENG", "E# #@@"),
            Place("Glasgow", "Scotland", "SCT", "G# #@@"),
        ),
    ),
    Country(
        "FR",
        "France",
        "+33",
        "fr",
        8,
        (("TVA", 200_000),),
        (Place("Paris", None, None, "75###"), Place("Saint-Étienne", None, None, "42###")),
    ),
    Country(
        "JP",
        "Japan",
        "+81",
        "ja",
        6,
        (("CT", 100_000),),
        (
            Place("渋谷区", "Tōkyō", "JP-13", "150-####"),
            Place("Osaka", "Ōsaka", "JP-27", "530-####"),
        ),
    ),
    Country(
        "AU",
        "Australia",
        "+61",
        "en-AU",
        6,
        (("GST", 100_000),),
        (
            Place("Sydney", "New South Wales", "NSW", "20##"),
            Place("Perth", "Western Australia", "WA", "60##"),
        ),
    ),
    Country(
        "KW",
        "Kuwait",
        "+965",
        "ar",
        2,
        (),
        (Place("Kuwait City", "Al Asimah", "KW-KU", "13###"),),
    ),
    Country(
        "BR",
        "Brazil",
        "+55",
        "pt-BR",
        4,
        (("ICMS", 180_000),),
        (Place("São Paulo", "São Paulo", "SP", "01###-###"),),
    ),
    Country(
        "CH",
        "Switzerland",
        "+41",
        "de-CH",
        3,
        (("MWST", 81_000),),
        (Place("Zürich", "Zürich", "ZH", "80##"),),
    ),
)
