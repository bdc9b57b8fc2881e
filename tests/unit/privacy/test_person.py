"""Recognising a person: emptied rather too often, handed over only where it is certain."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.privacy.person import person
from tests.examples import customer

NUMBER = 6_940_095_564
ADA = person(NUMBER, ["Ada@Example.com", None, "+1 (555) 010-9999"]).also_known(
    customer(NUMBER, first_name="Ada", last_name="Lovelace", email="countess@example.org")
)


@pytest.mark.parametrize(
    ("payload", "is_certain"),
    [
        ({"customer": {"id": NUMBER}}, True),
        ({"id": 1, "line_items": [], "customer": {"id": NUMBER}}, True),
        ({"customer_id": NUMBER}, True),
        ({"id": NUMBER, "state": "enabled"}, True),
        ({"id": NUMBER, "line_items": []}, False),  # an order that happens to have the number
        ({"order": {"id": NUMBER}}, False),
        ({"admin_graphql_api_id": f"gid://shopify/Customer/{NUMBER}"}, True),
        ({"note": f"see gid://shopify/Customer/{NUMBER}"}, False),
        ({"email": "ADA@example.COM"}, True),
        ({"contact_email": " countess@example.org"}, True),
        ({"note": "mail to ada@example.com please"}, False),
        ({"phone": "15550109999"}, True),
        ({"addresses": [{"phone": "+1-555-010-9999"}]}, True),
        ({"name": "ada LOVELACE"}, False),
        ({"billing_address": {"first_name": "Ada", "last_name": "Lovelace"}}, False),
    ],
)
def test_what_tells_of_a_person_is_found(payload: dict[str, Any], *, is_certain: bool) -> None:
    body = json.dumps(payload)
    escaped = "".join(f"\\u{ord(each):04x}" if each in "aA@+5é" else each for each in body)
    assert ADA.may_be_in(escaped)
    assert ADA.may_be_in(body)
    assert ADA.may_be_in(body.encode())
    assert ADA.is_in(body) is is_certain


@pytest.mark.parametrize(
    "payload",
    [
        {"customer": {"id": NUMBER + 1}},
        {"id": int(f"{NUMBER}1")},
        {"note": f"1{NUMBER}"},
        {"first_name": "Ada", "last_name": "Byron"},
        {"first_name": None, "last_name": None},
        {"phone": "555"},
        {"total": 1.5, "test": True, "email": "", "phone": None},
    ],
)
def test_others_are_not(payload: dict[str, Any]) -> None:
    assert not ADA.may_be_in(json.dumps(payload))
    assert not ADA.is_in(json.dumps(payload))


@given(cut=st.integers(1, 40), ascii_only=st.booleans())
def test_a_payload_that_was_cut_off_still_tells(cut: int, *, ascii_only: bool) -> None:
    zoe = person(NUMBER, ["zoë@example.com"])
    whole = json.dumps(
        {"customer": {"id": NUMBER}, "email": "zoë@example.com", "note": "x" * 50},
        ensure_ascii=ascii_only,
    )
    assert zoe.is_in(whole[:-cut])
    assert zoe.may_be_in(whole[:-cut].encode())


@given(st.binary() | st.text())
def test_nothing_that_is_received_stops_the_search(received: bytes | str) -> None:
    assert ADA.may_be_in(received) or not ADA.is_in(received)


def test_deep_nesting_is_read_as_text() -> None:
    deep = "[" * 100_000 + f'"{NUMBER}"'
    assert ADA.may_be_in(deep)
