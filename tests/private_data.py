"""What no log may hold: secrets and people's data, as they stand in the tests."""

import re
from collections.abc import Collection

from sync_engine.simulator.generate.words import FIRST_NAMES, LAST_NAMES

_SHAPES = {
    "a token of Shopify's": r"shp[a-z]{2,3}_[\w-]+",
    "a token of ours": r"echo_[0-9a-f]{12,}_[\w-]+",
    "a JSON web token": r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+",
    "something encrypted": r"gAAAAA[\w=-]{20,}",
    "a key": r"(?<![\w/+-])[A-Za-z0-9_-]{43}=(?!\w)",
    "a bearer": r"Bearer [^\[\s]\S*",
    "an e-mail address": r"[\w.+-]+@[\w-]+\.[\w.-]*\w",
    "a telephone number": r"(?<![\w.:])\+[1-9]\d{8,14}",
    "a name": rf"\b(?:{'|'.join(FIRST_NAMES)}) (?:{'|'.join(LAST_NAMES)})\b|\bAda Example\b",
}
_SECRETS_OF_THE_TESTS = (
    "operator-token-of-the-tests",
    "metrics-token-of-the-tests",
    "test-secret",
    "the-secret-before",
    "the-code",
    "the-hmac",
    "the-state",
)


def private_data(text: str, needles: Collection[str] = ()) -> list[str]:
    """Return what is found of it, each as a sentence with where it stands."""
    found = []
    shapes = dict(_SHAPES)
    words = [*_SECRETS_OF_THE_TESTS, *needles]
    shapes["a secret of the test"] = rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"
    for what, shape in shapes.items():
        for match in re.finditer(shape, text):
            line_begins = text.rfind("\n", 0, match.start()) + 1
            around = text[max(line_begins, match.start() - 200) : match.end() + 100]
            found.append(f"{what}, {match[0]!r}, in: {around.splitlines()[0]}")
    return found
