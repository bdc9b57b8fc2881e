"""Takes secrets and personal data out of what is logged: by the name of a field, and by its shape.

The second line of defence: what is logged holds none to begin with, and the tests search it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from uuid import UUID

HIDDEN = "[hidden]"

_MOST_LEVELS = 6
_SHORTEST = 8  # a shorter secret is an ordinary word, and none
_MOST_ITEMS = 100

_HIDDEN_KEYS = re.compile(
    r"token|secret|password|authorization|hmac|cookie|encryption|^code$"
    r"|e_?mail|phone|address|zip|postal|latitude|longitude|first_?name|last_?name|display_?name"
    r"|full_?name|customer_?name|company|^name$|^payload$|^body$|^note$|^query$|^variables$",
    re.IGNORECASE,
)
_WORD = r"[^\s\"'<>@(){}\[\],;:=/|\\]"
_HIDDEN_TEXTS = re.compile(
    r"shp[a-z]{2,3}_[A-Za-z0-9_-]+"  # Shopify's tokens and secrets
    r"|echo_[0-9a-f]{12,}_[A-Za-z0-9_-]+"  # ours
    r"|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # JSON web tokens
    r"|gAAAA[A-Za-z0-9_=-]{20,}"  # what Fernet encrypted
    r"|(?:Bearer|Basic)\s+\S+"
    r"|(?<=[?&])(?:code|hmac|state|token|access_token|id_token|session|secret|password)=[^&\s\"']+",
    re.IGNORECASE,
)
_MAILS = re.compile(
    r"(?<=://)[^/\s@]+:[^/\s@]+(?=@)"  # the credentials of an address
    rf"|{_WORD}{{1,64}}@{_WORD}{{1,255}}\.{_WORD}{{2,63}}"  # e-mail addresses
)
_TELEPHONES = re.compile(r"(?<![\w.:])\+[1-9][\d().\s-]{6,18}\d")  # as the whole world writes them

_PLAIN = (bool, int, float, type(None))
_SHOWN_AS_TEXT = (datetime, date, time, timedelta, Decimal, UUID, PurePath, BaseException)


@lru_cache(maxsize=1_000)
def _is_hidden(key: str) -> bool:
    return _HIDDEN_KEYS.search(key) is not None


class Redaction:
    """Hides what looks like a secret, and the secrets of this process whatever they look like."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        """Take the values of settings that are secrets."""
        literal = sorted(
            {each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True
        )
        self._secrets = re.compile("|".join(map(re.escape, literal))) if literal else None

    def event(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a line as they may be seen; its message is a text like others."""
        return {key: self._field(key, value, 0) for key, value in fields.items()}

    def text(self, text: str) -> str:
        """Return a text as it may be seen."""
        if self._secrets is not None:
            text = self._secrets.sub(HIDDEN, text)
        text = _HIDDEN_TEXTS.sub(HIDDEN, text)
        if "@" in text:
            text = _MAILS.sub(HIDDEN, text)
        return _TELEPHONES.sub(HIDDEN, text) if "+" in text else text

    def _field(self, key: object, value: object, level: int) -> object:
        if isinstance(key, str) and value is not None and _is_hidden(key):
            return HIDDEN
        return self._value(value, level)

    def _value(self, value: object, level: int) -> object:
        """Return a value of plain types; of any other object only what it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, _SHOWN_AS_TEXT):
            return self.text(str(value))
        if level >= _MOST_LEVELS:
            return HIDDEN
        if isinstance(value, Mapping):
            items = list(value.items())[:_MOST_ITEMS]
            return {self.text(str(key)): self._field(key, each, level + 1) for key, each in items}
        if isinstance(value, list | tuple | set | frozenset):
            return self._values(value, level + 1)
        return f"<{type(value).__name__}>"

    def _values(self, values: Iterable[object], level: int) -> list[object]:
        return [self._value(each, level) for each in list(values)[:_MOST_ITEMS]]
