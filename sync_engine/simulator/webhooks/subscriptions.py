"""Webhook subscriptions that apps made through the API.

Source: WebhookSubscription and its mutations in the Admin API; the texts of refusals follow answers
of real stores, which blame `callbackUrl` even where `uri` was given.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, structs

_FIRST_ID = 1_200_000_000_000
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SHOPIFY_HOSTS = (".myshopify.com", ".shopify.com", ".internal", ".local")
_ADDRESS = ("webhookSubscription", "callbackUrl")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_NAME = 50


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

    def all(self) -> list[WebhookSubscription]:
        """The subscriptions of every app, oldest first."""
        return list(self._by_id.values())

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
            name=_checked_name(given.get("name")),
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
            name=_checked_name(given.get("name", old.name)),
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

    def remove(self, id_: int) -> None:
        """Drop a subscription that has failed for too long, if it is still there."""
        self._by_id.pop(id_, None)

    def forget_app(self, app: str) -> None:
        """Drop everything that an app subscribed to, as uninstalling it does."""
        for subscription in self.of_app(app):
            del self._by_id[subscription.id]

    def _refuse_twin(self, new: WebhookSubscription) -> None:
        for other in self.of_app(new.app):
            if other.id == new.id:
                continue
            if _key(other) == _key(new):
                raise SubscriptionError(_ADDRESS, "Address for this topic has already been taken")
            if new.name is not None and (other.name or "").lower() == new.name.lower():
                field = ("webhookSubscription", "name")
                raise SubscriptionError(field, "Name already exists, no duplicate allowed")


def _key(subscription: WebhookSubscription) -> tuple[str | None, ...]:
    return (subscription.topic, subscription.uri, subscription.format, subscription.filter)


def checked_uri(uri: str) -> str:
    """An address that webhooks can be sent to.

    Raises:
        SubscriptionError: It cannot be used.
    """
    scheme, _, rest = uri.partition("://")
    if not uri.strip():
        raise SubscriptionError(_ADDRESS, "Address can't be blank")
    if uri.startswith("arn:aws:events:"):
        return uri
    if not rest:
        raise SubscriptionError(_ADDRESS, "Address is invalid")
    if scheme == "pubsub":
        if not all(rest.partition(":")):
            raise SubscriptionError(_ADDRESS, "Address protocol pubsub:// is not supported")
        return uri
    host = _host(uri)
    # Shopify wants https and a public host. This machine is let through besides: a platform to
    # develop against has to reach what runs here.
    if scheme in {"http", "https"} and host in _LOOPBACK:
        return uri
    if scheme != "https":
        raise SubscriptionError(_ADDRESS, f"Address protocol {scheme}:// is not supported")
    if not host:
        raise SubscriptionError(_ADDRESS, "Address is invalid")
    if host.endswith(_SHOPIFY_HOSTS):
        raise SubscriptionError(_ADDRESS, "Address cannot be a Shopify or an internal domain")
    return uri


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _uri(given: Mapping[str, Any]) -> str:
    return checked_uri(str(given.get("uri") or given.get("callbackUrl") or "").strip())


def _checked_name(name: str | None) -> str | None:
    if name is None:
        return None
    field = ("webhookSubscription", "name")
    if len(name) > _LONGEST_NAME:
        raise SubscriptionError(field, f"Name is too long (maximum is {_LONGEST_NAME} characters)")
    if not _NAME.fullmatch(name):
        message = (
            "Name name field can only contain alphanumeric characters, underscores, and hyphens"
        )
        raise SubscriptionError(field, message)
    return name
