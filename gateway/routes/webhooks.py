"""Takes webhooks in: verified, stored, answered, in that order; everything else happens later.

Source: shopify.dev, "Webhooks delivery structure" and "HTTPS delivery": any answer but 2xx, or none
within five seconds, makes Shopify try again, eight times over four hours.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.observing.door_telemetry import SILENT_DOOR, DoorTelemetry
from sync_engine.engine import Engine
from sync_engine.installation.webhook_address import WEBHOOKS_PATH
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.shop_domain import InvalidShopDomainError, parse_shop_domain
from sync_engine.model.webhook_event import WebhookEvent
from sync_engine.shopify.signature import is_signed_body

_MAX_BODY_BYTES = 8 * 1024 * 1024  # a large order has a few hundred kilobytes
_MAX_HEADER_CHARACTERS = 255
_NO_STORE = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """The request is not a webhook of Shopify's to us; says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class WebhookRoutes:
    """Where Shopify delivers to; an answer within its patience, whatever MongoDB does."""

    def __init__(self, patience_seconds: float, telemetry: DoorTelemetry = SILENT_DOOR) -> None:
        """Take how long MongoDB may need to store an event, and whom to tell of each."""
        self._telemetry = telemetry
        self._patience_seconds = patience_seconds

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [Route(WEBHOOKS_PATH, self.receive, methods=["POST"])]

    async def receive(self, request: Request) -> Response:
        """Verify, store, answer."""
        engine: Engine = request.state.engine
        try:
            body = await _read_body(request)
            event = _verified(request.headers, body, engine)
        except _RefusedError as refused:
            self._telemetry.webhook_received("", "refused")
            log.warning("webhook.refused", reason=str(refused))
            return _answer(refused.status, str(refused))
        structlog.contextvars.bind_contextvars(shop=event.shop, topic=event.topic)
        try:
            async with asyncio.timeout(self._patience_seconds):
                await engine.receive_webhook(event)
        except (StoreUnavailableError, TimeoutError) as error:
            self._telemetry.webhook_received(event.topic, "not_stored")
            log.warning("webhook.not_stored", reason=str(error) or "took too long")
            return _answer(503, "not stored: try again", {"Retry-After": "2"})
        self._telemetry.webhook_received(event.topic, "stored")
        return _answer(200, "stored")


async def _read_body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > _MAX_BODY_BYTES:
                raise _RefusedError(413, f"larger than {_MAX_BODY_BYTES} bytes")
            parts.append(part)
    except ClientDisconnect as error:
        raise _RefusedError(400, "the body was cut off") from error
    return b"".join(parts)


def _verified(headers: Headers, body: bytes, engine: Engine) -> WebhookEvent:
    """Return the event of a request that Shopify has signed.

    Raises:
        _RefusedError: it has not, or what identifies the event is missing.
    """
    signature = _header(headers, "hmac-sha256")
    if signature is None or not is_signed_body(body, signature, engine.shopify.app.secrets):
        raise _RefusedError(401, "the signature does not fit: is the app's secret right?")
    topic, webhook_id = _header(headers, "topic"), _header(headers, "webhook-id")
    domain = _header(headers, "shop-domain")
    if topic is None or webhook_id is None or domain is None:
        raise _RefusedError(400, "topic, webhook id or shop domain is missing")
    try:
        shop = parse_shop_domain(domain)
    except InvalidShopDomainError as error:
        raise _RefusedError(400, str(error)) from error
    return WebhookEvent(
        id=webhook_id,
        shop=shop,
        topic=topic.lower(),
        event_id=_header(headers, "event-id"),
        api_version=_header(headers, "api-version"),
        triggered_at=_moment(_header(headers, "triggered-at")),
        received_at=engine.clock.now(),
        body=body,
    )


def _header(headers: Headers, name: str) -> str | None:
    """Return a header of either family: webhooks write X-Shopify-…, events leave the X away."""
    value = headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}")
    return None if not value or len(value) > _MAX_HEADER_CHARACTERS else value


def _moment(text: str | None) -> datetime | None:
    """Return the moment to the millisecond that MongoDB keeps; Shopify sends nanoseconds."""
    try:
        moment = datetime.fromisoformat(text) if text else None
        if moment is None or moment.tzinfo is None:
            return None
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _answer(status: int, text: str, headers: Mapping[str, str] = _NO_STORE) -> Response:
    return JSONResponse({"status": text}, status_code=status, headers={**_NO_STORE, **headers})
