"""Recognises a person in what was received: payloads, messages, tags. Pure, no I/O.

There are two questions. Whether something may be the person's, which is asked before it is emptied:
rather too often than too seldom, a payload has served its purpose by then. And whether something
is theirs, which is asked before it is handed over: there a namesake must not do.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import msgspec

from sync_engine.model.gid import Gid
from sync_engine.model.records import Customer

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NOT_A_DIGIT = re.compile(r"\D+")
_OTHER_THAN_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_FEWEST_PHONE_DIGITS = 7
_LONGEST_PHONE = 40
_IN_CONTACTS = "@.+-_' "
_OF_OTHER_RECORDS = ("line_items", "variants")

_Place = tuple[str, str]
"""The name of a value and of the object that it stands in; "" for the outermost."""


class Person(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A customer by number, and the words by which they are known, in lower case.

    ``contacts`` are e-mail addresses and phone numbers, ``names`` first name and last name.
    """

    number: int
    contacts: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Person(number={self.number})"

    def also_known(self, customer: Customer) -> "Person":
        """Return the person with what is stored of them."""
        contacts = _contacts([customer.email, customer.phone])
        first, last = customer.first_name, customer.last_name
        names = [(first.casefold(), last.casefold())] if first and last else []
        return msgspec.structs.replace(
            self,
            contacts=tuple(dict.fromkeys((*self.contacts, *contacts))),
            names=tuple(dict.fromkeys((*self.names, *names))),
        )

    @property
    def gid(self) -> str:
        """Shopify's global id."""
        return str(Gid("Customer", self.number))

    @cached_property
    def pattern(self) -> str:
        """What may be the person's, as a regular expression; case does not matter."""
        words = [re.escape(each) for each in (*self.contacts, *map(" ".join, self.names))]
        return "|".join([rf"(?<!\d){self.number}(?!\d)", *words])

    def may_be_in(self, received: bytes | str | None) -> bool:
        """Whether JSON, or a piece of it, or plain text, may tell of the person."""
        text = _text(received)
        if not self._is_worth_a_look(text):
            return False
        whole = _read(text)
        if isinstance(whole, str):
            return self._may_be_in_text(whole)
        return any(
            self._is_named_by(value)
            if isinstance(value, dict)
            else self._may_be_in_text(str(value))
            for _, value in _walk(whole)
        )

    def is_in(self, received: bytes | str | None) -> bool:
        """Whether JSON, or a piece of it, is about the person and nobody else of their name."""
        text = _text(received)
        if not self._is_worth_a_look(text):
            return False
        whole = _read(text)
        if isinstance(whole, str):
            return self._strict.search(whole) is not None
        is_theirs = {("customer_id", ""), ("id", "customer")}
        if isinstance(whole, dict) and not any(each in whole for each in _OF_OTHER_RECORDS):
            is_theirs.add(("id", ""))
        return any(
            value == self.number and (place in is_theirs or place[0] == "customer_id")
            if isinstance(value, int)
            else isinstance(value, str) and self._is_text(value)
            for place, value in _walk(whole)
        )

    def _is_worth_a_look(self, text: str) -> bool:
        """Whether the person may be in JSON, without reading it: most of it is about others."""
        if str(self.number) in text:
            return True
        low = text.casefold()
        if any(each in low for each in self.contacts):
            return True
        if any(first in low and last in low for first, last in self.names):
            return True
        digits = text.encode(errors="replace").translate(None, _OTHER_THAN_DIGITS)
        return any(phone.encode() in digits for phone in self._phones)

    @cached_property
    def _loose(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def _strict(self) -> re.Pattern[str]:
        contacts = [rf"(?<![\w.+-]){re.escape(each)}(?![\w-])" for each in self.contacts]
        number = rf'"customer(_id":|": *{{"id":) *{self.number}(?!\d)'
        return re.compile("|".join([rf"{self.gid}(?!\d)", number, *contacts]), re.IGNORECASE)

    @cached_property
    def _phones(self) -> tuple[str, ...]:
        digits = [_NOT_A_DIGIT.sub("", each) for each in self.contacts if "@" not in each]
        return tuple(each for each in digits if len(each) >= _FEWEST_PHONE_DIGITS)

    def _may_be_in_text(self, text: str) -> bool:
        if self._loose.search(text) is not None:
            return True
        if not self._phones or len(text) > _LONGEST_PHONE:
            return False
        digits = _NOT_A_DIGIT.sub("", text)
        return any(phone in digits for phone in self._phones)

    def _is_text(self, text: str) -> bool:
        known = text.strip().casefold()
        if known in self.contacts or text == self.gid:
            return True
        return len(text) <= _LONGEST_PHONE and _NOT_A_DIGIT.sub("", text) in self._phones

    def _is_named_by(self, fields: dict[str, Any]) -> bool:
        parts = fields.get("first_name"), fields.get("last_name")
        return tuple(str(part or "").casefold() for part in parts) in self.names


def person(number: int, contacts: Iterable[str | None] = ()) -> Person:
    """Return the person of a request."""
    return Person(number=number, contacts=tuple(_contacts(contacts)))


def _contacts(given: Iterable[str | None]) -> list[str]:
    return [each.strip().casefold() for each in given if each and each.strip()]


def _text(received: bytes | str | None) -> str:
    """Return what was received with its letters as letters; quotes and the like stay escaped."""
    if isinstance(received, bytes):
        received = received.decode(errors="replace")
    return _ESCAPE.sub(_letter, received or "")


def _letter(escape: re.Match[str]) -> str:
    letter = chr(int(escape[1], 16))
    return letter if letter.isalnum() or letter in _IN_CONTACTS else escape[0]


def _read(text: str) -> Any:
    """Return JSON as values; what is none, or is cut off, as it is."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text


def _walk(whole: Any) -> Iterator[tuple[_Place, Any]]:
    """Yield everything that stands in JSON but for its lists, with the place."""
    waiting: list[tuple[_Place, Any]] = [(("", ""), whole)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, list):
            waiting += [(place, each) for each in value]
            continue
        yield place, value
        if isinstance(value, dict):
            waiting += [((name, place[0]), each) for name, each in value.items()]
