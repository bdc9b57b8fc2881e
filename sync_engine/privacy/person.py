"""Recognises a person in what was received: payloads, messages, tags. Pure, no I/O.

Asked rather too often than too seldom: what is taken for the person's is emptied or handed over,
and a payload has served its purpose by then.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import msgspec

from sync_engine.model.records import Customer

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NOT_A_DIGIT = re.compile(r"\D+")
_FEWEST_PHONE_DIGITS = 7
_LONGEST_PHONE = 40


class Person(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A customer by number, and the words by which they are known, in lower case.

    ``contacts`` are e-mail addresses and phone numbers, ``names`` first name and last name.
    """

    number: int
    contacts: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()

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

    def is_in(self, received: bytes | str | None) -> bool:
        """Whether JSON, or a piece of it, or plain text, holds the person."""
        if not received:
            return False
        try:
            value: Any = msgspec.json.decode(received)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            text = received if isinstance(received, str) else received.decode(errors="replace")
            return self._is_in_text(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
        return self._is_in_value(value)

    @cached_property
    def pattern(self) -> str:
        """The same as a regular expression, as far as one can say it; case does not matter."""
        words = [re.escape(each) for each in (*self.contacts, *map(" ".join, self.names))]
        return "|".join([rf"(?<!\d){self.number}(?!\d)", *words])

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def _phones(self) -> tuple[str, ...]:
        digits = [_NOT_A_DIGIT.sub("", each) for each in self.contacts if "@" not in each]
        return tuple(each for each in digits if len(each) >= _FEWEST_PHONE_DIGITS)

    def _is_in_value(self, whole: Any) -> bool:
        waiting = [whole]
        while waiting:
            match waiting.pop():
                case bool() | float() | None:
                    pass
                case int() as number:
                    if number == self.number:
                        return True
                case str() as text:
                    if self._is_in_text(text):
                        return True
                case dict() as fields:
                    if self._is_named_by(fields):
                        return True
                    waiting += fields.values()
                case list() as parts:
                    waiting += parts
        return False

    def _is_in_text(self, text: str) -> bool:
        if self._expression.search(text) is not None:
            return True
        if not self._phones or len(text) > _LONGEST_PHONE:
            return False
        digits = _NOT_A_DIGIT.sub("", text)
        return any(phone in digits for phone in self._phones)

    def _is_named_by(self, fields: dict[str, Any]) -> bool:
        parts = fields.get("first_name"), fields.get("last_name")
        return tuple(str(part or "").casefold() for part in parts) in self.names


def person(number: int, contacts: Iterable[str | None] = ()) -> Person:
    """Return the person of a request."""
    return Person(number=number, contacts=tuple(_contacts(contacts)))


def _contacts(given: Iterable[str | None]) -> list[str]:
    return [each.strip().casefold() for each in given if each and each.strip()]
