"""Sees that a shop sends us its webhooks: all topics, to this address, each once.

The three compliance topics are not among them: Shopify takes those from the app's configuration.

Source: Admin GraphQL schema 2026-10, WebhookSubscriptionTopic.
"""

from urllib.parse import urlsplit

import msgspec
import structlog

from sync_engine.model.errors import QueryRejectedError, ScopeMissingError
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document

_TOPICS = (
    "APP_SCOPES_UPDATE",
    "APP_UNINSTALLED",
    "BULK_OPERATIONS_FINISH",
    "CUSTOMERS_CREATE",
    "CUSTOMERS_DELETE",
    "CUSTOMERS_MERGE",
    "CUSTOMERS_UPDATE",
    "ORDERS_CANCELLED",
    "ORDERS_CREATE",
    "ORDERS_DELETE",
    "ORDERS_EDITED",
    "ORDERS_UPDATED",
    "PRODUCTS_CREATE",
    "PRODUCTS_DELETE",
    "PRODUCTS_UPDATE",
    "REFUNDS_CREATE",
    "SHOP_UPDATE",
)

log = structlog.get_logger(__name__)


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Subscription(msgspec.Struct):
    id: str
    topic: str
    uri: str


class _Subscriptions(msgspec.Struct, rename="camel"):
    nodes: list[_Subscription]
    page_info: _PageInfo


class _ListAnswer(msgspec.Struct, rename="camel"):
    webhook_subscriptions: _Subscriptions


class _UserError(msgspec.Struct):
    message: str


class _Outcome(msgspec.Struct, rename="camel"):
    user_errors: list[_UserError]


class _CreateAnswer(msgspec.Struct, rename="camel"):
    webhook_subscription_create: _Outcome


class _DeleteAnswer(msgspec.Struct, rename="camel"):
    webhook_subscription_delete: _Outcome


class SubscriptionCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What was found and mended; ``refused`` are topics that Shopify does not let us hear."""

    created: tuple[str, ...]
    deleted: tuple[str, ...]
    refused: dict[str, str]


async def ensure_subscriptions(client: ShopifyClient, address: str) -> SubscriptionCheck:
    """Subscribe to what is missing and end what is double or goes to an old address. Idempotent.

    Ours are those whose path is the address's own; others of the same app stay. A topic that is
    refused, for want of a scope, is passed over and named.

    Raises:
        SyncError: as ``ShopifyClient.execute``.
    """
    standing: set[str] = set()
    needless: list[_Subscription] = []
    for each in await _subscriptions(client):
        if urlsplit(each.uri).path != urlsplit(address).path:
            continue
        is_good = each.uri == address and each.topic in _TOPICS and each.topic not in standing
        if is_good:
            standing.add(each.topic)
        else:
            needless.append(each)
    created: list[str] = []
    refused: dict[str, str] = {}
    for topic in _TOPICS:
        if topic in standing:
            continue
        refusal = await _subscribe(client, topic, address)
        if refusal is None:
            created.append(topic)
        else:
            refused[topic] = refusal
    for each in needless:  # last, so that nothing is missed between the two
        await client.execute(document("webhook_unsubscribe"), _DeleteAnswer, {"id": each.id})
    check = SubscriptionCheck(
        created=tuple(created),
        deleted=tuple(each.topic for each in needless),
        refused=refused,
    )
    if created or needless or refused:
        log.info(
            "webhooks.subscribed",
            shop=client.shop,
            created=len(created),
            deleted=len(needless),
            refused=refused,
        )
    return check


async def _subscribe(client: ShopifyClient, topic: str, address: str) -> str | None:
    """Subscribe to a topic; returns why Shopify does not let us, where it does not."""
    try:
        answer = await client.execute(
            document("webhook_subscribe"), _CreateAnswer, {"topic": topic, "uri": address}
        )
    except (ScopeMissingError, QueryRejectedError) as error:  # this topic's trouble alone
        return str(error)
    errors = answer.webhook_subscription_create.user_errors
    return errors[0].message if errors else None


async def _subscriptions(client: ShopifyClient) -> list[_Subscription]:
    found: list[_Subscription] = []
    after: str | None = None
    while True:
        answer = await client.execute(
            document("webhook_subscriptions"), _ListAnswer, {"after": after}
        )
        page = answer.webhook_subscriptions
        found += page.nodes
        if not page.page_info.has_next_page or page.page_info.end_cursor == after:
            return found
        after = page.page_info.end_cursor
