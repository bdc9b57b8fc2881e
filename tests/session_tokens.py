"""Session tokens as Shopify signs them, and as forgers would: made here by hand, claim by claim."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any

from tests.simulator_process import API_KEY, API_SECRET

HS256 = {"alg": "HS256", "typ": "JWT"}


def claims_of(shop: str, now: float | None = None, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good token; a change to None leaves the claim out."""
    seconds = int(time.time() if now is None else now)
    claims: dict[str, Any] = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": API_KEY,
        "sub": "42",
        "exp": seconds + 60,
        "nbf": seconds,
        "iat": seconds,
        "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087",
        "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def encoded(part: Any) -> str:
    """Return a part of a JWT."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def signed(
    claims: Any, *, header: Any = HS256, secret: str = API_SECRET, digest: str = "sha256"
) -> str:
    """Return a JWT with an HMAC for its signature, whatever its header says."""
    head = f"{encoded(header)}.{encoded(claims)}"
    signature = hmac.new(secret.encode(), head.encode(), getattr(hashlib, digest)).digest()
    return f"{head}.{encoded(signature)}"


def session_token(shop: str, now: float | None = None, **changes: Any) -> str:
    """Return a good session token of a shop, but for the changes."""
    return signed(claims_of(shop, now, **changes))
