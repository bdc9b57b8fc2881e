"""Signatures as Shopify makes them.

Source: shopify.dev, "Implement authorization code grant manually" (HMAC of a callback).
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable


def callback_hmac(secret: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Hex HMAC-SHA256 over all parameters but `hmac`, sorted by key, decoded, joined by `&`."""
    pairs = sorted((key, value) for key, value in parameters if key not in {"hmac", "signature"})
    message = "&".join(f"{key}={value}" for key, value in pairs)
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def host_parameter(shop: str) -> str:
    """`host`: where in the admin the app lives, base64 without its padding."""
    store = shop.removesuffix(".myshopify.com")
    return b64encode(f"admin.shopify.com/store/{store}".encode()).decode().rstrip("=")


def url_signature(secret: str, path: str, expires: int) -> str:
    """The signature of a result file's URL."""
    message = f"{path}:{expires}"
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
