"""What a browser is told of its session, and when the session counts."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from starlette.requests import HTTPConnection
from starlette.responses import Response

from gateway.access.same_origin import OwnOrigin
from gateway.access.session_cookie import SessionCookie
from sync_engine.model.shop_domain import ShopDomain

SHOP = ShopDomain("first.myshopify.com")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOME = OwnOrigin("https://Echo.example.com:443/app")
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def begun(*keys: str) -> str:
    """Begin a session and return the header that the browser gets."""
    response = Response()
    SessionCookie(keys, HOME).set(response, SHOP, NOW)
    return response.headers.get("set-cookie", "")


def sealed(header: str) -> str:
    return header.partition("=")[2].partition(";")[0]


def request(kind: str = "http", **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": kind, "headers": raw})


def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    name, *attributes = begun(NEW).split("; ")
    assert name.startswith("__Host-echosignal_session=")
    assert set(attributes) == {"HttpOnly", "Max-Age=86400", "Path=/", "SameSite=lax", "Secure"}


def test_keys_can_be_rotated_and_what_is_under_a_key_that_is_gone_is_over() -> None:
    cookie = sealed(begun(OLD))
    for keys, good in (((OLD,), True), ((NEW, OLD), True), ((NEW,), False), ((), False)):
        assert (SessionCookie(keys, HOME).read(cookie, NOW) is not None) is good
    assert begun() == ""


@pytest.mark.parametrize(("hours", "good"), [(0, True), (23.999, True), (24, False), (48, False)])
def test_a_session_lasts_a_day(hours: float, *, good: bool) -> None:
    later = NOW + timedelta(hours=hours)
    session = SessionCookie([NEW], HOME).read(sealed(begun(NEW)), later)
    assert (session is not None) is good


HERE = "https://echo.example.com"


@pytest.mark.parametrize(
    ("kind", "headers", "ours"),
    [
        ("http", {"origin": HERE}, True),
        ("http", {"origin": HERE, "sec_fetch_site": "same-origin"}, True),
        ("http", {"sec_fetch_site": "same-origin"}, True),
        ("websocket", {"origin": HERE}, True),
        ("websocket", {"sec_fetch_site": "same-origin"}, False),
        ("http", {}, False),
        ("http", {"origin": HERE, "sec_fetch_site": "same-site"}, False),
        ("http", {"origin": HERE, "sec_fetch_site": ""}, False),
        ("http", {"origin": "null", "sec_fetch_site": "same-origin"}, False),
        ("http", {"origin": ""}, False),
        ("http", {"origin": f"{HERE}/"}, False),
        ("http", {"origin": f"{HERE}:8443"}, False),
        ("http", {"origin": "http://echo.example.com"}, False),
        ("http", {"referer": HERE, "host": "echo.example.com"}, False),
    ],
)
def test_only_our_own_pages_may_use_the_cookie(
    kind: str, headers: dict[str, str], *, ours: bool
) -> None:
    assert HOME.sent(request(kind, **headers)) is ours
    cookie = f"__Host-echosignal_session={sealed(begun(NEW))}"
    given = SessionCookie([NEW], HOME).given(request(kind, cookie=cookie, **headers))
    assert (given is not None) is ours
