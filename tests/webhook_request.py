"""Webhooks as Shopify sends them, for tests that play Shopify."""

import base64
import hashlib
import hmac


def signed(body: bytes, secret: str, *, shop: str, **headers: str) -> dict[str, str]:
    """Return the headers of a webhook; what is given replaces them."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Webhook-Id": "b54557e4-0000-4000-8000-000000000001",
        "X-Shopify-Triggered-At": "2026-11-24T13:33:47.123456789Z",
    } | headers
