"""Checks what claims to come from Shopify: signatures over a callback's query, a webhook's body.

Source: shopify.dev, "Authenticate a standalone or API-only app" and "Verify webhook deliveries",
read 2026-11-23.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl


def sign_query(parameters: Iterable[tuple[str, str]], secret: str) -> str:
    """Return the signature of decoded query parameters, as hexadecimal digits.

    Every parameter that came counts, but for the signature itself.
    """
    signed = sorted(pair for pair in parameters if pair[0] not in {"hmac", "signature"})
    message = "&".join(f"{_escape_key(key)}={_escape(value)}" for key, value in signed)
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def is_signed_query(query: str, secrets: Sequence[str]) -> bool:
    """Whether the raw query string carries a signature under one of the secrets.

    Compared in constant time; a parameter that comes twice is no query of Shopify's.
    """
    parameters = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in parameters]
    given = [value for name, value in parameters if name == "hmac"]
    if len(given) != 1 or len(set(names)) != len(names):
        return False
    matches = [
        hmac.compare_digest(sign_query(parameters, secret).encode(), given[0].lower().encode())
        for secret in secrets
    ]
    return any(matches)


def is_signed_body(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether the raw body of a webhook was signed with one of the secrets, in constant time."""
    matches = [
        hmac.compare_digest(
            base64.b64encode(hmac.digest(secret.encode(), body, "sha256")), signature.encode()
        )
        for secret in secrets
    ]
    return any(matches)


def _escape(value: str) -> str:
    return value.replace("%", "%25").replace("&", "%26")


def _escape_key(key: str) -> str:
    return _escape(key).replace("=", "%3D")
