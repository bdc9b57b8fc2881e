"""Webhook subscriptions that apps made through the API. They are kept, not delivered.

Source: WebhookSubscription and its mutations in the Admin API.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, structs

_FIRST_ID = 1_200_000_000_000
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class WebhookSubscription(Struct, frozen=True, kw_only=True):
    """One subscription; moments in seconds since 1970."""

    id: int
    app: str
    topic: str
    uri: str
    format: str
    filter: str | None
    include_fields: tuple[str, ...]
    metafield_namespaces: tuple[str, ...]
    name: str | None
    created: int
    updated: int


class SubscriptionError(Exception):
    """An input that Shopify answers with a user error.

    Attributes:
        field: Path of the input at fault.
    """

    def __init__(self, field: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.field = field


class WebhookSubscriptions:
    """All subscriptions of one shop."""

    def __init__(self) -> None:
        self._by_id: dict[int, WebhookSubscription] = {}
        self._next_id = _FIRST_ID

    def of_app(self, app: str) -> list[WebhookSubscription]:
        """An app's own subscriptions, oldest first."""
        return [s for s in self._by_id.values() if s.app == app]

    def find(self, id_: int, app: str) -> WebhookSubscription | None:
        """A subscription of this app."""
        found = self._by_id.get(id_)
        return found if found is not None and found.app == app else None

    def create(
        self, app: str, topic: str, given: Mapping[str, Any], now: int
    ) -> WebhookSubscription:
        """Subscribe.

        Raises:
            SubscriptionError: The address cannot be used, or is taken for this topic.
        """
        subscription = WebhookSubscription(
            id=self._next_id,
            app=app,
            topic=topic,
            uri=_uri(given),
            format=given.get("format") or "JSON",
            filter=given.get("filter"),
            include_fields=tuple(given.get("includeFields") or ()),
            metafield_namespaces=tuple(given.get("metafieldNamespaces") or ()),
            name=given.get("name"),
            created=now,
            updated=now,
        )
        self._refuse_twin(subscription)
        self._next_id += 1
        self._by_id[subscription.id] = subscription
        return subscription

    def update(self, id_: int, app: str, given: Mapping[str, Any], now: int) -> WebhookSubscription:
        """Change a subscription.

        Raises:
            SubscriptionError: It does not exist, or its new address cannot be used.
        """
        old = self.find(id_, app)
        if old is None:
            raise SubscriptionError(("id",), "Webhook subscription does not exist")
        has_uri = given.get("uri") is not None or given.get("callbackUrl") is not None
        new = structs.replace(
            old,
            uri=_uri(given) if has_uri else old.uri,
            format=given.get("format") or old.format,
            filter=given.get("filter", old.filter),
            include_fields=tuple(given.get("includeFields", old.include_fields) or ()),
            metafield_namespaces=tuple(
                given.get("metafieldNamespaces", old.metafield_namespaces) or ()
            ),
            name=given.get("name", old.name),
            updated=now,
        )
        self._refuse_twin(new)
        self._by_id[id_] = new
        return new

    def delete(self, id_: int, app: str) -> None:
        """Unsubscribe.

        Raises:
            SubscriptionError: It does not exist.
        """
        if self.find(id_, app) is None:
            raise SubscriptionError(("id",), "Webhook subscription does not exist")
        del self._by_id[id_]

    def forget_app(self, app: str) -> None:
        """Drop everything that an app subscribed to, as uninstalling it does."""
        for subscription in self.of_app(app):
            del self._by_id[subscription.id]

    def _refuse_twin(self, new: WebhookSubscription) -> None:
        for other in self.of_app(new.app):
            is_same = (other.topic, other.uri, other.filter) == (new.topic, new.uri, new.filter)
            if is_same and other.id != new.id:
                message = "Address for this topic has already been taken"
                raise SubscriptionError(("webhookSubscription", "uri"), message)


def _uri(given: Mapping[str, Any]) -> str:
    uri = given.get("uri") or given.get("callbackUrl") or ""
    parts = urlsplit(uri)
    # Shopify wants https. Plain http is let through to this machine alone, for tests.
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.scheme not in {"https", "pubsub", "arn"} and not is_local:
        raise SubscriptionError(("webhookSubscription", "uri"), "Address is invalid")
    return str(uri)
