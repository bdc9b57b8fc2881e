"""Where Shopify sends webhooks to, if it can reach us at all."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog

WEBHOOKS_PATH = "/webhooks/shopify"

log = structlog.get_logger(__name__)


def webhook_address(public_url: str, shopify_url: str) -> str | None:
    """Return the address of our webhooks; None where Shopify has no way to it.

    Shopify sends to https only; a simulator on this machine sends to this machine as well.
    """
    url, shopify = urlsplit(public_url), urlsplit(shopify_url.replace("{shop}", "shop"))
    is_local = _is_loopback(url.hostname) and _is_loopback(shopify.hostname)
    if url.scheme == "https" or is_local:
        return public_url.rstrip("/") + WEBHOOKS_PATH
    log.warning("webhooks.unreachable", public_url=public_url, remedy="set an https public URL")
    return None


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
