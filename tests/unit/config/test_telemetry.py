"""The log: no secret and nobody's data gets into it, whatever is passed."""

import io
import json
import logging
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from config.redaction import HIDDEN, Redaction
from sync_engine.model.log_scope import begin_log_scope, log_scope
from tests.examples import customer
from tests.product_log import product_log

SECRET = "a-secret-of-this-process"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
PRIVATE_TEXTS = [
    "shpat_0123abc",
    "shprt_0123abc",
    "echo_0192ab34cd56ef78_secret-part",
    "Bearer abc.def",
    JWT,
    "gAAAAABnXk2kq0J5Yw1cVQ3v9xS-3a_7Zc8=",
    "ada@example.com",
    "o.brien+tag@mail.example.co.uk",
    "jürgen@bücher.example",
    "+4915112345678",
    "+1 (555) 010-9999",
    SECRET,
]


@pytest.mark.parametrize("private", PRIVATE_TEXTS)
@pytest.mark.parametrize("where", ["{}", "Shopify refuses {} for the shop", "it was '{}'.", "x={}"])
def test_what_is_private_is_known_by_its_shape(private: str, where: str) -> None:
    text = where.format(private)
    deep: dict[str, Any] = {
        "reason": text,
        "list": [{"of": (text, {text: 1})}],
        "error": OSError(text),
    }
    shown = json.dumps(Redaction([SECRET]).event({"event": text, **deep}), ensure_ascii=False)
    assert private not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "key",
    [
        *("access_token", "Authorization", "api_secret", "code", "email", "phone", "firstName"),
        *("last_name", "display_name", "address1", "zip", "payload", "encryption_keys"),
    ],
)
def test_what_is_private_is_known_by_its_name(key: str) -> None:
    fields = {"event": "x", key: "anything", "deep": [{key: {"of": "anything"}}]}
    assert "anything" not in json.dumps(Redaction().event(fields))


def test_of_an_object_only_its_class_is_shown() -> None:
    shown = Redaction().event({"event": "x", "record": customer(), "many": {"all": [customer()]}})
    assert shown == {"event": "x", "record": "<Customer>", "many": {"all": ["<Customer>"]}}


@pytest.mark.parametrize(
    "text",
    [
        "a.myshopify.com",
        "gid://shopify/Order/450789469004",
        "2026-11-24T13:33:47.123456+00:00",
        "https://shop.example.com/admin/api/2026-10/orders.json?limit=250",
        "GraphQL cost 1,000.50 + 1200 of 2000 points",
        "echosignal",
        "request took 0.00012345678 s, state=RUNNING",
    ],
)
def test_what_is_not_private_is_left_alone(text: str) -> None:
    event = {"event": "run.finished", "shop": "a.myshopify.com", "records": 7, "reason": text}
    assert Redaction().event(event) == event


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=20), st.text())
def test_nothing_that_is_passed_breaks_a_line(value: object, key: str) -> None:
    written = json.dumps(Redaction([SECRET]).event({"event": "x", key: value}))
    assert "\n" not in written


def test_libraries_and_tracebacks_pass_through_the_same_sieve() -> None:
    with product_log() as stream:
        logging.getLogger("some.library").warning("refused %s for %s", "shpat_1", "ada@example.com")
        logging.getLogger("pymongo.command").debug("insert of ada@example.com")
        logging.getLogger("websockets.server").debug("> TEXT 'Bearer abc'")
        try:
            int("ada@example.com")
        except ValueError:
            structlog.get_logger("gateway.x").exception("it.failed", customer=customer())
        written = stream.getvalue()
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["refused [hidden] for [hidden]", "it.failed"]
    assert "invalid literal for int() with base 10: '[hidden]'" in lines[1]["exception"]
    assert "ada" not in written.lower()


def test_every_line_of_a_piece_of_work_says_what_it_belongs_to() -> None:
    with product_log() as stream:
        log = structlog.get_logger("sync_engine.x")
        structlog.contextvars.bind_contextvars(correlation_id="c1", operation="Start")
        begin_log_scope(shop="a.myshopify.com", run_id="r1")
        with log_scope(batch_id="b1"):
            log.info("inside")
        log.debug("outside")
        structlog.contextvars.clear_contextvars()
        inside, outside = map(json.loads, stream.getvalue().splitlines())
    ids = {"correlation_id": "c1", "shop": "a.myshopify.com", "run_id": "r1"}
    assert inside.items() >= (ids | {"batch_id": "b1"}).items()
    assert outside.items() >= ids.items()
    assert not {"operation", "batch_id"} & outside.keys()


def test_a_stream_is_all_that_is_written_to(capsys: pytest.CaptureFixture[str]) -> None:
    with product_log() as stream:
        assert isinstance(stream, io.StringIO)
        structlog.get_logger("gateway.x").warning("something")
    assert capsys.readouterr() == ("", "")
