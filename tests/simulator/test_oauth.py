import hashlib
import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson
import pytest

from sync_engine.simulator.oauth.signing import callback_hmac
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, ManualClock

KEY, SECRET = "simulated-api-key", "simulated-api-secret"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


async def authorize(harness: Harness, **changes: str) -> httpx.Response:
    query = {
        "client_id": KEY,
        "scope": "read_orders,read_products",
        "redirect_uri": "https://app.example/callback?keep=1",
        "state": "nonce/1",
        **changes,
    }
    return await harness.client.get(f"/{harness.domain}/admin/oauth/authorize", params=query)


async def code(harness: Harness, **changes: str) -> str:
    response = await authorize(harness, **changes)
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))["code"]


async def token_by_json(harness: Harness, **form: str) -> httpx.Response:
    fields = {"client_id": KEY, "client_secret": SECRET, **form}
    return await harness.client.post(f"/{harness.domain}/admin/oauth/access_token", json=fields)


async def token(harness: Harness, **form: str) -> httpx.Response:
    fields = {"client_id": KEY, "client_secret": SECRET, **form}
    return await harness.client.post(f"/{harness.domain}/admin/oauth/access_token", data=fields)


async def works(harness: Harness, access_token: str) -> bool:
    response = await harness.post_graphql(
        "{ shop { id } }", headers={"X-Shopify-Access-Token": access_token}
    )
    assert response.status_code in {200, 401}
    return response.status_code == 200


def test_hmac_of_a_known_callback() -> None:
    parameters = [
        ("timestamp", "1337178173"),
        ("shop", "some-shop.myshopify.com"),
        ("code", "0907a61c0c8d55e99db179b68161bc00"),
        ("hmac", "ignored"),
        ("state", "0.6784241404160823"),
    ]
    message = (
        "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com"
        "&state=0.6784241404160823&timestamp=1337178173"
    )
    expected = hmac.new(b"hush", message.encode(), hashlib.sha256).hexdigest()
    assert callback_hmac("hush", parameters) == expected


async def test_an_installation_is_approved_and_signed(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    response = await authorize(simulate())
    assert response.status_code == 302
    location = urlsplit(response.headers["location"])
    assert (location.netloc, location.path) == ("app.example", "/callback")
    query = dict(parse_qsl(location.query))
    assert query.pop("keep") == "1"
    assert set(query) == {"code", "hmac", "host", "shop", "state", "timestamp"}
    assert query["state"] == "nonce/1"
    assert query["timestamp"] == str(int(clock()))
    padded = query["host"] + "=" * (-len(query["host"]) % 4)
    assert b64decode(padded) == b"admin.shopify.com/store/demo"
    assert not query["host"].endswith("=")
    signature = query.pop("hmac")
    message = "&".join(f"{key}={query[key]}" for key in sorted(query))
    assert signature == hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()


async def test_a_wrong_app_gets_a_page_and_no_redirect(simulate: MakeHarness) -> None:
    harness = simulate()
    response = await authorize(harness, client_id="somebody")
    assert response.status_code == 400
    assert "location" not in response.headers
    assert "application_cannot_be_found" in response.text
    assert (await authorize(harness, redirect_uri="")).status_code == 400
    exchange = await token(harness, client_id="somebody", code="x")
    assert exchange.status_code == 400
    assert "application_cannot_be_found" in exchange.text


@pytest.mark.parametrize("token", [token, token_by_json])
async def test_a_code_buys_an_old_offline_token_once(
    simulate: MakeHarness, token: Callable[..., Awaitable[httpx.Response]]
) -> None:
    harness = simulate()
    text = await code(harness)
    first = await token(harness, code=text)
    assert first.status_code == 200
    assert set(first.json()) == {"access_token", "scope"}
    assert first.json()["scope"] == "read_orders,read_products"
    assert first.json()["access_token"].startswith("shpat_")
    assert await works(harness, first.json()["access_token"])
    again = await token(harness, code=text)
    assert (again.status_code, again.json()) == (
        400,
        {
            "error": "invalid_request",
            "error_description": "The authorization code was not found or was already used",
        },
    )
    same = await token(harness, code=await code(harness))
    assert same.json()["access_token"] == first.json()["access_token"]


async def test_codes_are_short_lived_and_bound_to_their_shop(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate("demo", "other")
    late = await code(harness)
    clock.advance(61)
    assert (await token(harness, code=late)).status_code == 400
    text = await code(harness)
    elsewhere = await harness.client.post(
        "/other.myshopify.com/admin/oauth/access_token",
        data={"client_id": KEY, "client_secret": SECRET, "code": text},
    )
    assert elsewhere.status_code == 400
    assert (await token(harness, client_secret="wrong", code=text)).status_code == 401
    assert (await token(harness, code=text)).status_code == 200


async def test_expiring_tokens_last_an_hour_and_are_refreshed(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate()
    pair = (await token(harness, code=await code(harness), expiring="1")).json()
    assert pair["expires_in"] == 3600
    assert pair["refresh_token_expires_in"] == 7_776_000
    assert pair["refresh_token"].startswith("shprt_")
    clock.advance(3599)
    assert await works(harness, pair["access_token"])
    clock.advance(1)
    assert not await works(harness, pair["access_token"])
    new = await token(harness, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert new.status_code == 200
    assert await works(harness, new.json()["access_token"])
    assert new.json()["refresh_token"] != pair["refresh_token"]
    used = await token(harness, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert (used.status_code, used.json()["error"]) == (400, "invalid_grant")


async def test_a_lost_refresh_can_be_repeated_until_its_replacement_is_used(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate()
    pair = (await token(harness, code=await code(harness), expiring="1")).json()

    async def refresh(text: str) -> httpx.Response:
        return await token(harness, grant_type="refresh_token", refresh_token=text)

    lost = (await refresh(pair["refresh_token"])).json()
    clock.advance(29 * 86_400)
    second = (await refresh(pair["refresh_token"])).json()
    assert (await refresh(lost["refresh_token"])).status_code == 400
    assert await works(harness, second["access_token"])
    assert (await refresh(pair["refresh_token"])).status_code == 400
    third = (await refresh(second["refresh_token"])).json()
    clock.advance(31 * 86_400)
    assert (await refresh(second["refresh_token"])).status_code == 400
    clock.advance(60 * 86_400)
    assert (await refresh(third["refresh_token"])).status_code == 400


async def test_a_new_grant_kills_the_older_refresh_token(simulate: MakeHarness) -> None:
    harness = simulate()
    old = (await token(harness, code=await code(harness), expiring="1")).json()
    new = (await token(harness, code=await code(harness), expiring="1")).json()
    assert await works(harness, old["access_token"])
    assert await works(harness, new["access_token"])
    dead = await token(harness, grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert dead.json()["error"] == "invalid_grant"


async def test_an_old_offline_token_can_be_migrated(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate()
    old = (await token(harness, code=await code(harness))).json()["access_token"]
    form = {
        "grant_type": EXCHANGE,
        "subject_token": old,
        "subject_token_type": OFFLINE,
        "requested_token_type": OFFLINE,
    }
    assert (await token(harness, **form)).json()["error"] == "invalid_request"
    pair = (await token(harness, **form, expiring="1")).json()
    assert not await works(harness, old)
    assert await works(harness, pair["access_token"])
    assert pair["scope"] == "read_orders,read_products"
    clock.advance(6 * 86_400)
    assert (await token(harness, **form, expiring="1")).status_code == 200
    clock.advance(2 * 86_400)
    assert (await token(harness, **form, expiring="1")).json()["error"] == "invalid_subject_token"


async def test_permanent_tokens_of_apps_end_with_2026_and_those_of_custom_apps_do_not(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate()
    old = (await token(harness, code=await code(harness))).json()["access_token"]
    clock.advance(40 * 86_400)
    assert not await works(harness, old)
    assert await works(harness, "shpat_demo")


async def test_session_tokens_buy_tokens(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate()

    async def exchange(requested: str, session_token: str, **more: str) -> httpx.Response:
        return await token(
            harness,
            grant_type=EXCHANGE,
            subject_token=session_token,
            subject_token_type=ID_TOKEN,
            requested_token_type=requested,
            **more,
        )

    async def session_token() -> str:
        made = await harness.control("POST", "shops/demo/session_token", {"user": 7})
        assert isinstance(made["session_token"], str)
        return made["session_token"]

    fresh = await session_token()
    claims = orjson.loads(b64decode(fresh.split(".")[1] + "=="))
    assert (claims["dest"], claims["aud"], claims["sub"]) == (
        "https://demo.myshopify.com", KEY, "7",
    )  # fmt: skip
    assert claims["exp"] - claims["nbf"] == 60
    pair = (await exchange(OFFLINE, fresh, expiring="1")).json()
    assert await works(harness, pair["access_token"])
    assert set((await exchange(OFFLINE, fresh)).json()) == {"access_token", "scope"}
    online = (await exchange(ONLINE, fresh)).json()
    assert online["expires_in"] == 86_399
    assert online["associated_user"]["account_owner"] is True
    head, body, _ = fresh.split(".")
    for forged in (
        f"{head}.{body}.{'A' * 43}",
        f"{urlsafe_b64encode(b'{}').decode()}.{body}.x",
        "nonsense",
    ):
        refused = await exchange(OFFLINE, forged)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_subject_token")
    clock.advance(71)
    assert (await exchange(OFFLINE, fresh)).json()["error"] == "invalid_subject_token"


async def test_online_tokens_come_with_their_user(simulate: MakeHarness) -> None:
    harness = simulate()
    text = await code(harness, **{"grant_options[]": "per-user"})
    answer = (await token(harness, code=text)).json()
    assert answer["expires_in"] == 86_399
    assert answer["associated_user_scope"] == "read_orders,read_products"
    assert "refresh_token" not in answer


async def test_client_credentials_last_a_day(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate()
    answer = (await token(harness, grant_type="client_credentials")).json()
    assert set(answer) == {"access_token", "scope", "expires_in"}
    assert answer["expires_in"] == 86_399
    clock.advance(86_400)
    assert not await works(harness, answer["access_token"])


async def test_a_merchant_may_grant_fewer_scopes(simulate: MakeHarness) -> None:
    harness = simulate()
    await harness.control("POST", "shops/demo", {"granted_scopes": ["read_products"]})
    answer = (await token(harness, code=await code(harness))).json()
    assert answer["scope"] == "read_products"
    response = await harness.post_graphql(
        "{ orders(first: 1) { nodes { id } } }",
        headers={"X-Shopify-Access-Token": answer["access_token"]},
    )
    assert response.json()["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


async def test_unknown_grants_are_refused(simulate: MakeHarness) -> None:
    answer = await token(simulate(), grant_type="password")
    assert answer.json()["error"] == "unsupported_grant_type"


async def test_tokens_can_be_revoked_expired_and_uninstalled(simulate: MakeHarness) -> None:
    harness = simulate()
    pair = (await token(harness, code=await code(harness), expiring="1")).json()
    assert await harness.control("POST", "shops/demo/tokens/expire") == {"expired": 1}
    assert not await works(harness, pair["access_token"])
    new = (
        await token(harness, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    ).json()
    assert await works(harness, new["access_token"])
    await harness.control("POST", "shops/demo/uninstall", {})
    assert not await works(harness, new["access_token"])
    dead = await token(harness, grant_type="refresh_token", refresh_token=new["refresh_token"])
    assert dead.status_code == 400
    assert await works(harness, "shpat_demo")
    assert await harness.control("POST", "shops/demo/tokens/revoke", {}) == {"revoked": 1}
    assert not await works(harness, "shpat_demo")
