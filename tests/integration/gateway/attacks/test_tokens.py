"""Forged, stolen and stale credentials are refused alike, and change nothing."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from config.settings import Settings
from sync_engine.model.access import ViewerScope
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.integration.gateway.installed import SHOP, install
from tests.session_tokens import claims_of, encoded, session_token, signed
from tests.simulator_process import Simulator
from tests.waiting import ended_run

OTHER = ShopDomain("other.myshopify.com")
VIEWER = "{ viewer { kind shop { domain } } }"
START = "mutation { startSync(input: {}) { created userErrors { code } } }"


def forged_session_tokens() -> Iterator[str]:
    """Yield tokens that a forger could make, or a thief have."""
    claims = claims_of(SHOP)
    good = signed(claims)
    head, body, signature = good.split(".")
    now = time.time()
    yield signed(claims, secret="a-secret-that-was-guessed")
    yield session_token(SHOP, now - 71)  # expired
    yield session_token(SHOP, now + 60)  # not valid yet
    yield session_token(SHOP, aud="another-app")
    yield session_token(SHOP, aud=["test-key"])
    yield session_token(SHOP, aud=None)
    yield session_token(SHOP, iss=f"https://{OTHER}/admin")
    yield session_token(SHOP, dest=f"https://{OTHER}")
    yield session_token(SHOP, exp=None)
    yield session_token(SHOP, exp="9999999999")
    yield session_token(SHOP, dest=f"https://{SHOP}\n", iss=f"https://{SHOP}\n/admin")
    yield session_token(SHOP, dest="https://evil.com", iss="https://evil.com/admin")
    for algorithm in ("none", "None", "NONE", "", "HS384", "HS512", "RS256"):
        yield signed(claims, header={"alg": algorithm, "typ": "JWT"})
        yield f"{encoded({'alg': algorithm})}.{body}."
        yield f"{encoded({'alg': algorithm})}.{body}.{signature}"
    yield signed(claims, header={"alg": "HS512"}, digest="sha512")
    own_key = {"kty": "oct", "k": encoded(b"x" * 32)}
    yield signed(claims, header={"alg": "HS256", "jwk": own_key}, secret="x" * 32)
    yield from rsa_tokens(claims)
    yield f"{head}.{encoded(claims | {'dest': f'https://{OTHER}'})}.{signature}"  # the body changed
    yield from (good[:-1], good[1:], f"{head}.{body}.", f"{head}.{body}", f".{body}.{signature}")
    yield from ("..", "a.b.c", f"{good}.{signature}", good.replace(".", ". "), good[: len(head)])


def rsa_tokens(claims: object) -> Iterator[str]:
    """Yield what confuses those who let the token say how it is to be checked."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = f"{encoded({'alg': 'RS256', 'typ': 'JWT'})}.{encoded(claims)}"
    yield f"{text}.{encoded(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    yield signed(claims, secret=public.decode())


async def test_no_forged_session_token_is_let_in_or_even_shown_to_shopify(
    http: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    texts = set()
    for token in forged_session_tokens():
        answer = await Caller(http, token).post(VIEWER)
        assert answer.status_code == 401, token
        assert "data" not in answer.json()
        texts.add(answer.json()["errors"][0]["message"])
    assert len(texts) == 1  # nobody learns why
    assert shopify.control("GET", "/counters") == {}
    assert [each async for each in store.shops.every()] == []
    assert (await Caller(http, session_token(SHOP)).data(VIEWER))["viewer"]["shop"]


async def test_no_forged_api_or_operator_token_is_let_in(
    http: httpx.AsyncClient, store: Store
) -> None:
    now = datetime.now(UTC)
    made, text = await store.api_tokens.create(SHOP, tuple(ViewerScope), now=now)
    gone, gone_text = await store.api_tokens.create(SHOP, tuple(ViewerScope), now=now)
    await store.api_tokens.revoke(gone.id, now=now)
    _, old_text = await store.api_tokens.create(
        SHOP, tuple(ViewerScope), now=now, expires_at=now - timedelta(seconds=1)
    )
    secret = text.split("_", 2)[2]
    forged = [
        *(gone_text, old_text),
        *(text[:-1], text + "x", text.upper(), f"echo_{made.id}_", f"echo_{made.id}"),
        *(f"echo_{gone.id}_{secret}", f"echo__{secret}", f"echo_$ne_{secret}", secret),
        *(OPERATOR_TOKEN[:-1], OPERATOR_TOKEN + "x", OPERATOR_TOKEN.upper(), "operator", "null"),
    ]
    texts = set()
    for token in forged:
        answer = await Caller(http, token).post(VIEWER)
        assert answer.status_code == 401, token
        texts.add(answer.json()["errors"][0]["message"])
    assert len(texts) == 1
    for credential in (f"Basic {text}", f"Token {text}", text, "Bearer"):
        headers = {"Authorization": credential}
        assert (await http.post("/graphql", json={"query": VIEWER}, headers=headers)).is_error
    for place in (f"/graphql?access_token={text}", f"/graphql?authorization=Bearer+{text}"):
        assert (await http.post(place, json={"query": VIEWER})).status_code in {400, 401}


async def test_a_session_token_is_good_for_its_own_shop_alone(
    http: httpx.AsyncClient, shopify: Simulator
) -> None:
    mine, other = (
        Caller(http, shopify.control("POST", f"/shops/{each}/session_token")["session_token"])
        for each in (SHOP, OTHER)
    )
    await other.data(VIEWER)
    foreign = f'{{ shop(domain: "{OTHER}") {{ name }} shops {{ totalCount }} }}'
    assert await mine.data(foreign) == {"shop": None, "shops": {"totalCount": 1}}
    refused = await mine.data(f'mutation {{ disconnectShop(input: {{shop: "{OTHER}"}}) '
                              "{ userErrors { code } } }")  # fmt: skip
    assert refused["disconnectShop"]["userErrors"] == [{"code": "FORBIDDEN"}]


async def session_of(http: httpx.AsyncClient, store: Store) -> str:
    """Install the app and return the session that the browser was given."""
    await install(http)
    await ended_run(store, SHOP)
    session = http.cookies["echosignal_session"]
    http.cookies.clear()
    return session


async def with_cookie(
    http: httpx.AsyncClient, session: str, query: str = VIEWER, **headers: str
) -> httpx.Response:
    cookie = {"Cookie": f"echosignal_session={session}"}
    return await http.post("/graphql", json={"query": query}, headers=cookie | headers)


def own(settings: Settings) -> dict[str, str]:
    """Return what a browser says of a request that our own page sent."""
    return {"Origin": settings.public_url, "Sec-Fetch-Site": "same-origin"}


async def test_a_cookie_that_was_tampered_with_is_nobodys(
    http: httpx.AsyncClient, store: Store, settings: Settings
) -> None:
    session = await session_of(http, store)
    assert (await with_cookie(http, session, **own(settings))).status_code == 200
    places = range(0, len(session) - 2, 7)  # the padding at the very end carries nothing
    changed = [
        session[:place] + ("A" if session[place] != "A" else "B") + session[place + 1 :]
        for place in places
    ]
    forged = [*changed, session[:-4], "", "x", session + session, session[1:]]
    for each in forged:
        assert (await with_cookie(http, each, **own(settings))).status_code == 401, each


async def test_an_install_cookie_is_no_session(http: httpx.AsyncClient, settings: Settings) -> None:
    await http.get(f"/auth/shopify?shop={SHOP}")
    install_cookie = http.cookies["echosignal_install"]
    http.cookies.clear()
    assert (await with_cookie(http, install_cookie, **own(settings))).status_code == 401


@pytest.mark.parametrize("status", ["uninstalled", "disconnected", "purged"])
async def test_a_stolen_cookie_ends_with_the_install(
    http: httpx.AsyncClient, store: Store, settings: Settings, status: str
) -> None:
    session = await session_of(http, store)
    if status == "disconnected":
        operator = Caller(http, OPERATOR_TOKEN)
        await operator.data(f'mutation {{ disconnectShop(input: {{shop: "{SHOP}"}}) '
                            "{ userErrors { code } } }")  # fmt: skip
    elif status == "uninstalled":
        await store.shops.set_status(
            SHOP, ShopStatus.UNINSTALLED, reason="gone", now=datetime.now(UTC)
        )
    else:
        await store.purge(SHOP)
    assert (await with_cookie(http, session, **own(settings))).status_code == 401
    await install(http)  # nor does it come to life again
    http.cookies.clear()
    assert (await with_cookie(http, session, **own(settings))).status_code == 401


async def test_no_other_site_can_use_the_cookie(
    http: httpx.AsyncClient, store: Store, settings: Settings
) -> None:
    session = await session_of(http, store)
    here = settings.public_url
    runs = await store.shop(SHOP).runs.count()
    foreign: list[dict[str, str]] = [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"{here}.evil.example"},
        {"Origin": here.replace("127.0.0.1", "localhost")},
        {"Origin": here.replace("http:", "https:")},
        {"Origin": f"http://127.0.0.1:{settings.port + 1}"},
        {"Origin": "https://evil.example", "Host": "evil.example"},
        {"Origin": here, "Sec-Fetch-Site": "cross-site"},
        {"Origin": here, "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": f"{here}/"},
    ]
    for headers in foreign:
        assert (await with_cookie(http, session, START, **headers)).status_code == 401, headers
        query = {"query": VIEWER}
        cookie = {"Cookie": f"echosignal_session={session}"}
        assert (
            await http.get("/graphql", params=query, headers=cookie | headers)
        ).status_code == 401
    assert await store.shop(SHOP).runs.count() == runs
    answer = await with_cookie(http, session, START, **own(settings))
    assert answer.json()["data"]["startSync"]["created"] is True


async def opened(settings: Settings, origin: str | None, session: str) -> bool:
    """Open a WebSocket by cookie alone and return whether the gateway talks to it."""
    url = f"ws://127.0.0.1:{settings.port}/graphql"
    try:
        async with connect(
            url,
            origin=None if origin is None else Origin(origin),
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers={"Cookie": f"echosignal_session={session}"},
        ) as socket:
            await socket.send('{"type":"connection_init"}')
            return "connection_ack" in str(await socket.recv())
    except (ConnectionClosed, InvalidStatus):
        return False


async def test_no_other_site_can_open_a_websocket_with_the_cookie(
    http: httpx.AsyncClient, store: Store, settings: Settings
) -> None:
    session = await session_of(http, store)
    assert await opened(settings, settings.public_url, session)
    assert not await opened(settings, settings.public_url, "x")
    for origin in (None, "https://evil.example", "null", f"{settings.public_url}.evil.example"):
        assert not await opened(settings, origin, session), origin
