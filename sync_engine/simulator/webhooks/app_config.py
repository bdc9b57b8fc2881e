"""The app's own configuration: subscriptions for every shop that has it installed.

It is what `shopify.app.toml` says, as TOML in a file or as JSON through the control endpoint:

    application_url = "https://app.example"
    [webhooks]
    api_version = "2026-10"
      [[webhooks.subscriptions]]
      topics = ["app/uninstalled", "orders/updated"]
      uri = "/webhooks"
      include_fields = ["id", "updated_at"]
      [[webhooks.subscriptions]]
      compliance_topics = ["customers/data_request", "customers/redact", "shop/redact"]
      uri = "/webhooks"

Other tables of such a file are none of the simulator's business. A relative `uri` continues
`application_url`. Repeated failures do not remove these subscriptions.

Source: shopify.dev, "App configuration".
"""

import msgspec
from msgspec import Struct

from sync_engine.simulator.webhooks.subscriptions import SubscriptionError, checked_uri
from sync_engine.simulator.webhooks.topics import COMPLIANCE_TOPICS, KNOWN_TOPICS

DEFAULT_API_VERSION = "2026-10"


class AppConfigError(ValueError):
    """A configuration that Shopify would not deploy."""


class AppSubscription(Struct, frozen=True, kw_only=True):
    """Topics that go to one address."""

    uri: str
    topics: tuple[str, ...] = ()
    compliance_topics: tuple[str, ...] = ()
    include_fields: tuple[str, ...] = ()
    filter: str | None = None
    name: str | None = None


class _Webhooks(Struct, frozen=True, kw_only=True):
    api_version: str = DEFAULT_API_VERSION
    subscriptions: tuple[AppSubscription, ...] = ()


class AppConfig(Struct, frozen=True, kw_only=True):
    """What the simulator knows of an app's configuration."""

    application_url: str = ""
    webhooks: _Webhooks = _Webhooks()

    def subscribed(self, topic: str) -> list[AppSubscription]:
        """The subscriptions to a topic, with their full addresses."""
        return [
            msgspec.structs.replace(s, uri=self._address(s))
            for s in self.webhooks.subscriptions
            if topic in s.topics or topic in s.compliance_topics
        ]

    def check(self) -> None:
        """Refuse what cannot be deployed.

        Raises:
            AppConfigError: A topic that there is not, in the wrong list, or an unusable address.
        """
        for subscription in self.webhooks.subscriptions:
            for topic in subscription.topics:
                if topic not in KNOWN_TOPICS - COMPLIANCE_TOPICS:
                    message = f"topic {topic!r} is not simulated, or is a compliance topic"
                    raise AppConfigError(message)
            for topic in subscription.compliance_topics:
                if topic not in COMPLIANCE_TOPICS:
                    message = f"{topic!r} is no compliance topic"
                    raise AppConfigError(message)
            try:
                checked_uri(self._address(subscription))
            except SubscriptionError as error:
                raise AppConfigError(str(error)) from error

    def _address(self, subscription: AppSubscription) -> str:
        if subscription.uri.startswith("/"):
            return self.application_url.rstrip("/") + subscription.uri
        return subscription.uri


def read_app_config(text: str) -> AppConfig:
    """A configuration from TOML.

    Raises:
        AppConfigError: It cannot be read or deployed.
    """
    try:
        config = msgspec.toml.decode(text, type=AppConfig)
    except msgspec.MsgspecError as error:
        raise AppConfigError(str(error)) from error
    config.check()
    return config
