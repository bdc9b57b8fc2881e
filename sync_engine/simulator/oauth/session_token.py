"""Session tokens: what an embedded app gets from the admin to prove who its visitor is.

Source: shopify.dev, "Session tokens".
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any

import orjson

LIFE_SECONDS = 60

_LEEWAY_SECONDS = 10


def write_session_token(
    *, shop: str, app: str, secret: str, user: int, now: float, nonce: str
) -> str:
    """A session token, as the admin would hand it to an embedded app."""
    seconds = int(now)
    claims = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": app,
        "sub": str(user),
        "exp": seconds + LIFE_SECONDS,
        "nbf": seconds,
        "iat": seconds,
        "jti": nonce,
        "sid": nonce[::-1],
    }
    head = _encode({"alg": "HS256", "typ": "JWT"}) + "." + _encode(claims)
    return f"{head}.{_signature(head, secret)}"


def read_session_token(
    text: str, *, shop: str, app: str, secret: str, now: float
) -> dict[str, Any] | None:
    """The claims of a session token, or None if it is not valid for this shop and app."""
    head, _, signature = text.rpartition(".")
    if not hmac.compare_digest(_signature(head, secret).encode(), signature.encode()):
        return None
    try:
        header, claims = (_decode(part) for part in head.split("."))
    except (ValueError, Base64Error):
        return None
    is_ours = (
        header.get("alg") == "HS256"
        and claims.get("aud") == app
        and claims.get("dest") == f"https://{shop}"
        and claims.get("iss") == f"https://{shop}/admin"
    )
    is_in_time = (
        claims.get("nbf", 0) - _LEEWAY_SECONDS <= now <= claims.get("exp", 0) + _LEEWAY_SECONDS
    )
    return claims if is_ours and is_in_time else None


def _encode(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def _decode(part: str) -> dict[str, Any]:
    decoded = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(decoded, dict):
        message = "a JWT part is not an object"
        raise ValueError(message)  # noqa: TRY004 - bad input, not a wrong call
    return decoded


def _signature(head: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
