"""What an app's own configuration subscribes to, and what concerns its installation."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sync_engine.simulator.__main__ import main
from sync_engine.simulator.webhooks.app_config import AppConfigError, read_app_config
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness
from tests.simulator.receiver import Receiver, receiver
from tests.simulator.test_edits import SPEC, paid
from tests.simulator.test_webhook_delivery import advance, drain, touch_order
from tests.simulator.test_webhook_subscriptions import CREATE, LIST

COMPLIANCE = ["customers/data_request", "customers/redact", "shop/redact"]
TWO_DAYS = 48 * 3600


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


async def installed(harness: Harness, hook: Receiver, *topics: str) -> dict[str, str]:
    """Deploy a configuration and install the app; returns the headers of its requests."""
    subscriptions = [{"topics": topics, "compliance_topics": COMPLIANCE, "uri": "/hook"}]
    config = {
        "application_url": hook.uri.removesuffix("/hook"),
        "webhooks": {"api_version": "2026-07", "subscriptions": subscriptions},
    }
    await harness.control("POST", "app", {"config": config})
    issued = await harness.control("POST", "shops/demo/tokens", {})
    return {"X-Shopify-Access-Token": issued["access_token"]}


async def fire(harness: Harness, topic: str, id_: int | None = None) -> None:
    await harness.control("POST", "shops/demo/webhooks/fire", {"topic": topic, "id": id_})
    await drain(harness)


async def test_the_configuration_subscribes_every_shop_with_the_app(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    headers = await installed(harness, hook, "orders/updated")
    await touch_order(harness)
    (request,) = await hook.until(1)
    assert request.headers["x-shopify-api-version"] == "2026-07"
    listed = (await harness.post_graphql(LIST, headers=headers)).json()["data"]
    assert listed["webhookSubscriptions"]["nodes"] == []


async def test_shops_without_the_app_are_not_told(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await installed(harness, hook, "orders/updated")
    await harness.control("POST", "shops/demo/tokens/revoke", {})
    await touch_order(harness)
    await drain(harness)
    assert hook.received == []


async def test_compliance_topics_say_whose_data_it_is(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await installed(harness, hook)
    owner = harness.shop.customer(paid(harness).customer_index or 0)
    orders = [harness.shop.order(index).id for index in harness.shop.orders_of(owner.index)]
    for topic in COMPLIANCE:
        await fire(harness, topic, owner.id)
    about = {"shop_id": harness.shop.ids.shop, "shop_domain": harness.domain}
    customer = {"id": owner.id, "email": owner.email, "phone": owner.phone}
    said = {request.topic: request.json for request in hook.received}
    data_request = said["customers/data_request"].pop("data_request")
    assert isinstance(data_request["id"], int)
    assert said == {
        "customers/data_request": {**about, "customer": customer, "orders_requested": orders},
        "customers/redact": {**about, "customer": customer, "orders_to_redact": orders},
        "shop/redact": about,
    }


async def test_uninstalling_is_told_and_asks_for_redaction_two_days_later(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    headers = await installed(harness, hook, "app/uninstalled")
    own = {"topic": "APP_UNINSTALLED", "given": {"uri": f"{hook.uri}/own"}}
    await harness.post_graphql(CREATE, own, headers=headers)
    await harness.control("POST", "shops/demo/uninstall")
    assert (await harness.post_graphql(LIST, headers=headers)).status_code == 401
    await drain(harness)
    assert [(r.path, r.topic) for r in hook.received] == [
        ("/hook/own", "app/uninstalled"),
        ("/hook", "app/uninstalled"),
    ]
    assert hook.received[0].json["myshopify_domain"] == harness.domain
    await advance(harness, TWO_DAYS - 1)
    assert len(hook.received) == 2
    await advance(harness, 2)
    assert hook.topics[2:] == ["shop/redact"]


async def test_installing_again_in_time_spares_the_redaction(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await installed(harness, hook, "app/uninstalled")
    await harness.control("POST", "shops/demo/uninstall")
    await harness.control("POST", "shops/demo/tokens", {})
    await advance(harness, TWO_DAYS + 1)
    assert hook.topics == ["app/uninstalled"]


async def test_changed_scopes_are_told_and_hold(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    headers = await installed(harness, hook, "app/scopes_update", "orders/updated")
    before = (await harness.control("GET", "shops/demo/tokens"))[-1]["scopes"]
    await harness.control("POST", "shops/demo/scopes", {"scopes": ["read_products"]})
    await touch_order(harness)
    await drain(harness)
    (request,) = hook.received
    assert request.topic == "app/scopes_update"
    assert request.json["previous"] == sorted(before)
    assert request.json["current"] == ["read_products"]
    denied = await harness.post_graphql("{ orders(first: 1) { nodes { id } } }", headers=headers)
    assert denied.json()["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


async def test_a_changed_shop_is_told(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await installed(harness, hook, "shop/update")
    await harness.control("POST", "shops/demo/profile", {"name": "New name"})
    (request,) = await hook.until(1)
    assert (request.json["name"], request.json["updated_at"]) == (
        "New name", "2026-11-24T07:00:00-05:00",
    )  # fmt: skip
    assert (await harness.data("{ shop { name } }"))["shop"]["name"] == "New name"


async def test_a_webhook_may_come_without_a_change(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await installed(harness, hook, "products/update")
    product = harness.shop.product(1)
    await fire(harness, "products/update", product.id)
    assert hook.received[0].json["id"] == product.id
    assert harness.shop.product(1) == product


@pytest.mark.parametrize(
    "body",
    [
        {"topic": "customers/redact", "id": 17},
        {"topic": "customers/redact"},
        {"topic": "app/uninstalled"},
        {"topic": "orders/updated"},
    ],
)
async def test_what_cannot_be_fired_is_refused(simulate: MakeHarness, body: dict[str, Any]) -> None:
    response = await simulate().client.post("/_control/shops/demo/webhooks/fire", json=body)
    assert response.status_code == 400


def test_a_configuration_file_is_read_as_shopify_reads_it() -> None:
    config = read_app_config(
        """
        name = "echo"
        application_url = "https://app.example/"
        [access_scopes]
        scopes = "read_orders"
        [webhooks]
        api_version = "2026-10"
          [[webhooks.subscriptions]]
          topics = ["orders/updated"]
          uri = "/webhooks"
          [[webhooks.subscriptions]]
          compliance_topics = ["shop/redact"]
          uri = "https://other.example/privacy"
        """
    )
    assert [s.uri for s in config.subscribed("orders/updated")] == ["https://app.example/webhooks"]
    assert [s.uri for s in config.subscribed("shop/redact")] == ["https://other.example/privacy"]


@pytest.mark.parametrize(
    "subscription",
    [
        'topics = ["shop/redact"]\nuri = "https://app.example"',
        'topics = ["orders/exploded"]\nuri = "https://app.example"',
        'compliance_topics = ["orders/updated"]\nuri = "https://app.example"',
        'topics = ["orders/updated"]\nuri = "http://app.example"',
        'topics = "orders/updated"\nuri = "https://app.example"',
    ],
)
def test_a_configuration_that_cannot_be_deployed_is_refused(
    subscription: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"[[webhooks.subscriptions]]\n{subscription}\n"
    with pytest.raises(AppConfigError):
        read_app_config(text)
    path = tmp_path / "shopify.app.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["--app-config", str(path)]) == 2
    assert capsys.readouterr().err
