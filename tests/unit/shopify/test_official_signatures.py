"""Signatures that Shopify's own library made and accepted are accepted here, changed ones are not.

The file beside is printed by ``scripts/official_signatures.mjs``.
"""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from sync_engine.shopify.signature import is_signed_body, is_signed_query

OFFICIAL: dict[str, Any] = json.loads(
    (Path(__file__).parent / "official_signatures.json").read_text(encoding="utf-8")
)
SECRET = OFFICIAL["secret"]


@pytest.mark.parametrize("made", OFFICIAL["webhooks"], ids=lambda made: made["body"][:12])
def test_an_official_webhook_signature_is_accepted_and_one_bit_changed_is_not(
    made: dict[str, str],
) -> None:
    body, signature = made["body"].encode(), made["hmac"]
    assert is_signed_body(body, signature, [SECRET])
    assert is_signed_body(body, signature, ["another", SECRET])
    assert not is_signed_body(body, signature, ["another"])
    for bit in range(len(body) * 8):
        forged = bytearray(body)
        forged[bit // 8] ^= 1 << bit % 8
        assert not is_signed_body(bytes(forged), signature, [SECRET])
    for bit in range(256):
        digest = bytearray(base64.b64decode(signature))
        digest[bit // 8] ^= 1 << bit % 8
        assert not is_signed_body(body, base64.b64encode(digest).decode(), [SECRET])


@pytest.mark.parametrize("made", OFFICIAL["queries"], ids=lambda made: made["query"]["timestamp"])
def test_an_official_callback_signature_is_accepted_and_one_bit_changed_is_not(
    made: dict[str, Any],
) -> None:
    query: dict[str, str] = made["query"]
    assert is_signed_query(urlencode({**query, "hmac": made["hmac"]}), [SECRET])
    for name, value in query.items():
        for place in range(len(value)):
            forged = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
            changed = urlencode({**query, name: forged, "hmac": made["hmac"]})
            assert not is_signed_query(changed, [SECRET])
    for place in range(len(made["hmac"])):
        digit = format(int(made["hmac"][place], 16) ^ 1, "x")
        hmac = made["hmac"][:place] + digit + made["hmac"][place + 1 :]
        assert not is_signed_query(urlencode({**query, "hmac": hmac}), [SECRET])
