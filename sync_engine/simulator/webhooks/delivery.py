"""One webhook on its way to one address, with all that was tried to bring it there."""

import hmac
from base64 import b64encode
from hashlib import sha256
from typing import Literal

from msgspec import Struct

State = Literal["waiting", "in_flight", "delivered", "given_up", "dropped"]


class Attempt(Struct, frozen=True, kw_only=True):
    """One request.

    Attributes:
        at: The simulated moment at which it was sent, in seconds since 1970.
        status: Of the answer; None if there was none.
        error: Why there was none.
        seconds: Real time until the answer.
        answered: When the answer was there, on the machine's monotonic clock.
    """

    at: float
    status: int | None
    error: str | None
    seconds: float
    answered: float

    @property
    def is_success(self) -> bool:
        """Any 2xx; a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP


class Delivery(Struct, kw_only=True):
    """A webhook for one subscription.

    Attributes:
        webhook_id: The same whenever this delivery is sent again.
        event_id: Shared by all deliveries of one action.
        triggered_at: RFC 3339 with nanoseconds.
        subscription: Id of the subscription if it was made through the API.
        burst: The burst it belongs to, if any.
    """

    webhook_id: str
    event_id: str
    triggered_at: str
    topic: str
    shop: str
    uri: str
    api_version: str
    body: bytes
    subscription: int | None = None
    name: str | None = None
    burst: int | None = None
    state: State = "waiting"
    attempts: list[Attempt] = []

    def headers(self, secret: str) -> dict[str, str]:
        """The headers of a request.

        Source: shopify.dev, "Webhooks delivery structure" and "Verify webhook deliveries".
        """
        digest = hmac.digest(secret.encode(), self.body, sha256)
        found = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": self.topic,
            "X-Shopify-Hmac-Sha256": b64encode(digest).decode(),
            "X-Shopify-Shop-Domain": self.shop,
            "X-Shopify-API-Version": self.api_version,
            "X-Shopify-Webhook-Id": self.webhook_id,
            "X-Shopify-Event-Id": self.event_id,
            "X-Shopify-Triggered-At": self.triggered_at,
        }
        if self.name is not None:
            found["X-Shopify-Name"] = self.name
        return found
