"""A session token is what Shopify signs for this app and one shop, within its minute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.session_token import read_session_token
from sync_engine.shopify.app_credentials import AppCredentials
from tests.session_tokens import HS256, claims_of, encoded, session_token, signed
from tests.simulator_process import API_KEY, API_SECRET

SHOP = "first.myshopify.com"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
APP = AppCredentials(
    api_key=API_KEY,
    api_secret=API_SECRET,
    previous_api_secret="the-secret-before-the-rotation",
    api_version="2026-10",
    scopes=(),
    base_url="https://{shop}",
)


def is_good(text: str, *, after_seconds: float = 0.0, app: AppCredentials = APP) -> bool:
    return read_session_token(text, app, NOW + timedelta(seconds=after_seconds)) is not None


def test_a_good_token_names_its_shop_and_its_user_and_when_it_ends() -> None:
    token = read_session_token(session_token(SHOP, SECONDS), APP, NOW)
    assert token is not None
    assert (token.shop, token.user) == (SHOP, "42")
    assert token.expires_at == NOW + timedelta(seconds=70)


@pytest.mark.parametrize(
    ("after_seconds", "good"),
    [(-10.001, False), (-10, True), (0, True), (69.999, True), (70, False), (86_400, False)],
)
def test_clocks_may_differ_by_ten_seconds_and_no_more(after_seconds: float, *, good: bool) -> None:
    assert is_good(session_token(SHOP, SECONDS), after_seconds=after_seconds) is good


def test_both_secrets_are_good_while_the_secret_is_rotated() -> None:
    text = signed(claims_of(SHOP, SECONDS), secret="the-secret-before-the-rotation")
    assert is_good(text)
    assert not is_good(text, app=msgspec.structs.replace(APP, previous_api_secret=None))


def test_an_empty_secret_signs_nothing_and_any_other_does() -> None:
    for secret in ("", "short", "13-characters"):
        text = signed(claims_of(SHOP, SECONDS), secret=secret)
        app = msgspec.structs.replace(APP, api_secret=secret)
        assert is_good(text, app=app) is bool(secret)


@pytest.mark.parametrize("name", ["iss", "dest", "aud", "sub", "exp", "nbf"])
@pytest.mark.parametrize("value", [None, 7.5, True, [], {}, ["x"], "", "x", -1, 10**30, "\0"])
def test_a_claim_that_is_missing_or_another_is_no_good(name: str, value: Any) -> None:
    if (name, type(value)) == ("sub", str) or (name, value) == ("nbf", -1):
        return  # a user may be called anything, and a token may be older than time
    assert not is_good(session_token(SHOP, SECONDS, **{name: value}))


@pytest.mark.parametrize(
    ("dest", "iss"),
    [
        (f"https://{SHOP}", "https://other.myshopify.com/admin"),
        ("https://other.myshopify.com", f"https://{SHOP}/admin"),
        (f"https://{SHOP}", f"https://{SHOP}.evil.com/admin"),
        (f"https://{SHOP}", f"https://{SHOP}@evil.com/admin"),
        (f"http://{SHOP}", f"http://{SHOP}/admin"),
        (f"https://{SHOP}/", f"https://{SHOP}/admin"),
        (f"https://{SHOP}\n", f"https://{SHOP}\n/admin"),
        (f"https://user@{SHOP}", f"https://user@{SHOP}/admin"),
        (f"https://{SHOP}:443", f"https://{SHOP}:443/admin"),
        (f"https://{SHOP.upper()}", f"https://{SHOP.upper()}/admin"),
        (SHOP, f"{SHOP}/admin"),
        ("https://evil.com", "https://evil.com/admin"),
        ("https://first.myshopify.com.evil.com", "https://first.myshopify.com.evil.com/admin"),
    ],
)
def test_only_a_shop_that_is_its_own_issuer_is_named(dest: str, iss: str) -> None:
    assert not is_good(session_token(SHOP, SECONDS, dest=dest, iss=iss))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "hs256"},
        {"alg": "HS384"},
        {"alg": "RS256"},
        {"alg": None},
        {"alg": ["HS256"]},
        {"typ": "JWT"},
        {},
        [],
        "HS256",
        b"\xff",
        HS256 | {"crit": ["exp"], "exp": 1},
        HS256 | {"b64": False, "crit": ["b64"]},
    ],
)
def test_one_algorithm_is_good_whatever_the_header_says(header: Any) -> None:
    claims = claims_of(SHOP, SECONDS)
    assert not is_good(signed(claims, header=header))
    assert not is_good(f"{encoded(header)}.{encoded(claims)}.")


@pytest.mark.parametrize("claims", [[], "x", 7, None, b"", b"{", b"\xff", b'{"a":1}{"b":2}'])
def test_what_holds_no_claims_is_no_token(claims: Any) -> None:
    assert not is_good(signed(claims))


def test_a_token_without_end_is_not_even_read() -> None:
    assert not is_good(session_token(SHOP, SECONDS, jti="x" * 5_000))


GOOD = session_token(SHOP, SECONDS)


@given(st.integers(0, len(GOOD) - 1), st.characters(codec="utf-8"))
def test_no_character_can_be_changed(place: int, character: str) -> None:
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    # The last character of a signature of 32 bytes carries two bits that say nothing.
    if changed != GOOD and place != len(GOOD) - 1:
        assert not is_good(changed)


@given(st.integers(0, len(GOOD) - 1))
def test_no_end_can_be_cut_off(length: int) -> None:
    assert not is_good(GOOD[:length])


@given(st.text() | st.builds(lambda *parts: ".".join(parts), st.text(), st.text(), st.text()))
def test_no_other_text_is_a_token(text: str) -> None:
    assert not is_good(text)
