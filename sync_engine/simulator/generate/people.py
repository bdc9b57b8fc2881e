"""Names, e-mail addresses, phone numbers and postal addresses."""

from msgspec import Struct

from sync_engine.simulator.countries import COUNTRIES, Country
from sync_engine.simulator.generate import words
from sync_engine.simulator.randomness import RandomStream
from sync_engine.simulator.records.address import Address

_DIGITS = "0123456789"
_LETTERS = "ABCEGHJKLMNPRSTVXY"


class Person(Struct, frozen=True, gc=False):
    """A name; both parts may be missing."""

    first_name: str | None
    last_name: str | None


class Contact(Struct, frozen=True, gc=False):
    """Somebody with a country; reachable by at least one of name, e-mail and phone."""

    person: Person
    country: Country
    email: str | None
    phone: str | None


def contact(draw: RandomStream, shop_country: str, index: int) -> Contact:
    """A person and how to reach it."""
    who = person(draw)
    country = home_country(draw, shop_country)
    mail = email(draw, index) if draw.chance(930) else None
    number = phone(draw, country) if draw.chance(350) else None
    if mail is None and number is None and not (who.first_name or who.last_name):
        mail = email(draw, index)
    return Contact(who, country, mail, number)


def person(draw: RandomStream) -> Person:
    """A name; a few people give only one part of it, or none."""
    first, last = draw.pick(words.FIRST_NAMES), draw.pick(words.LAST_NAMES)
    missing = draw.below(100)
    return Person(None if missing in {0, 1} else first, None if missing in {1, 2, 3} else last)


def email(draw: RandomStream, index: int) -> str:
    """An address that nobody else in the shop has."""
    return f"{draw.pick(_MAILBOXES)}{index}@{draw.pick(words.EMAIL_HOSTS)}"


def phone(draw: RandomStream, country: Country) -> str:
    """A phone number in E.164 form."""
    return f"{country.phone_prefix}{draw.between(200_000_000, 999_999_999)}"


def home_country(draw: RandomStream, shop_country: str) -> Country:
    """Where somebody lives: mostly the shop's own country."""
    if draw.chance(700):
        return COUNTRIES[shop_country]
    return draw.weighted(_COUNTRIES, _COUNTRY_WEIGHTS)


def address(
    draw: RandomStream, *, id_: int, model_name: str, who: Person, country: Country
) -> Address:
    """A complete postal address."""
    place = draw.pick(country.places)
    digits = draw.below(10**8)
    return Address(
        id=id_,
        model_name=model_name,
        first_name=who.first_name,
        last_name=who.last_name,
        company=draw.pick(words.COMPANIES) if draw.chance(80) else None,
        address1=f"{1 + digits % 240} {draw.pick(words.STREETS)}",
        address2=draw.pick(words.ADDRESS_EXTRAS) if draw.chance(120) else None,
        city=place.city,
        province=place.province,
        province_code=place.province_code,
        country=country.name,
        country_code=country.code,
        zip=_zip(place.zip_pattern, digits) if draw.chance(985) else None,
        phone=phone(draw, country) if draw.chance(300) else None,
    )


def _zip(pattern: str, number: int) -> str:
    out = []
    for character in pattern:
        if character == "#":
            number, digit = divmod(number, 10)
            out.append(_DIGITS[digit])
        elif character == "@":
            number, letter = divmod(number, len(_LETTERS))
            out.append(_LETTERS[letter])
        else:
            out.append(character)
    return "".join(out)


def _cumulative(weights: list[int]) -> tuple[int, ...]:
    total, sums = 0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return tuple(sums)


_MAILBOXES = ("ada", "kunde", "hello", "shop", "o.brien", "a+tag", "info", "zoe")
_COUNTRIES = tuple(COUNTRIES.values())
_COUNTRY_WEIGHTS = _cumulative([country.share for country in _COUNTRIES])
