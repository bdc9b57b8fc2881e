"""The log: no secret and no address gets into it, whatever is passed."""

import pytest

from config.telemetry import hide_secrets


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("access_token", "anything"),
        ("Authorization", "anything"),
        ("api_secret", "anything"),
        ("code", "anything"),
        ("reason", "Shopify refuses shpat_0123abc for the shop"),
        ("reason", "header was Bearer abc.def"),
        ("reason", "sent to ada@example.com"),
        ("reason", "token echo_0192ab34cd56ef78_secret-part"),
    ],
)
def test_secrets_are_hidden_by_name_and_by_shape(key: str, value: str) -> None:
    shown = str(hide_secrets(None, "info", {"event": "x", key: value})[key])
    assert "[hidden]" in shown
    for secret in ("anything", "shpat_0123abc", "abc.def", "ada@example.com", "secret-part"):
        assert secret not in shown


def test_what_is_no_secret_is_left_alone() -> None:
    event = {"event": "run.finished", "shop": "a.myshopify.com", "records": 7}
    assert hide_secrets(None, "info", dict(event)) == event
