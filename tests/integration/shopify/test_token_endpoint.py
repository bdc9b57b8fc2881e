"""Tokens are got from an endpoint that can fail like any other, and never show in an error."""

from datetime import timedelta
from urllib.parse import parse_qs

import msgspec
import pytest

from sync_engine.model.errors import (
    QueryRejectedError,
    ScopeMissingError,
    ShopFrozenError,
    ShopifyTimeoutError,
    ShopifyUnavailableError,
    ShopNotFoundError,
    SyncError,
    ThrottledError,
    TokenRevokedError,
)
from sync_engine.shopify.oauth import OAuth
from tests.integration.shopify.shopfront import APP_SECRET, SHOP, Shopfront, assert_no_secret
from tests.scripted_server import Answer, Ending, ScriptedServer, answer

CODE = "one-time-code-secret"
REFRESH = "shprt_secret"
ACCESS = "shpat_new_secret"
GOOD = answer(
    200,
    msgspec.json.encode(
        {
            "access_token": ACCESS,
            "scope": "read_products, read_orders",
            "expires_in": 3600,
            "refresh_token": "shprt_next_secret",
            "refresh_token_expires_in": 7776000,
        }
    ),
)
INVALID_GRANT = answer(
    400, b'{"error":"invalid_grant","error_description":"' + CODE.encode() + b'"}'
)


def oauth(shopfront: Shopfront) -> OAuth:
    return shopfront.shopify.oauth


def form(server: ScriptedServer) -> dict[str, list[str]]:
    return parse_qs(server.requests[-1].body.decode())


def assert_silent(error: SyncError) -> None:
    assert_no_secret(error)
    for text in (CODE, REFRESH, ACCESS):
        assert text not in f"{error} {error!r} {error.__cause__!r}"


async def test_a_code_becomes_a_grant_with_its_scopes_and_its_end(shopfront: Shopfront) -> None:
    shopfront.server.answers = [GOOD]
    grant, scopes = await oauth(shopfront).exchange_code(SHOP, CODE)
    assert grant.access_token == ACCESS
    assert grant.expires_at == shopfront.clock.now() + timedelta(hours=1)
    assert grant.refresh_expires_at == shopfront.clock.now() + timedelta(days=90)
    assert scopes == ("read_orders", "read_products")
    assert form(shopfront.server) == {
        "client_id": ["app_key"],
        "client_secret": [APP_SECRET],
        "code": [CODE],
        "expiring": ["1"],
    }


async def test_a_token_without_an_end_has_none(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(200, b'{"access_token":"shpat_forever","scope":""}')]
    grant, scopes = await oauth(shopfront).exchange_code(SHOP, CODE)
    assert (grant.expires_at, grant.refresh_token, grant.refresh_expires_at) == (None, None, None)
    assert scopes == ()


REFUSED = [
    pytest.param(INVALID_GRANT, QueryRejectedError, id="400 the code is used"),
    pytest.param(answer(401), TokenRevokedError, id="401"),
    pytest.param(answer(402), ShopFrozenError, id="402"),
    pytest.param(answer(403), ScopeMissingError, id="403"),
    pytest.param(answer(404), ShopNotFoundError, id="404"),
    pytest.param(answer(423), ShopFrozenError, id="423"),
    pytest.param(answer(429), ThrottledError, id="429"),
    pytest.param(answer(500), ShopifyUnavailableError, id="500"),
    pytest.param(answer(200, b"<html>"), ShopifyUnavailableError, id="HTML"),
    pytest.param(answer(200), ShopifyUnavailableError, id="nothing"),
    pytest.param(answer(200, b'{"scope":"x"}'), ShopifyUnavailableError, id="no token"),
    pytest.param(answer(200, b'{"access_token":""}'), ShopifyUnavailableError, id="empty token"),
    pytest.param(answer(200, b'{"access_token":"\xff"}'), ShopifyUnavailableError, id="not UTF-8"),
    pytest.param(
        answer(200, b'{"access_', length=90), ShopifyUnavailableError, id="closed in mid-body"
    ),
    pytest.param(
        Answer(content=b"", ending=Ending.RESET), ShopifyUnavailableError, id="connection reset"
    ),
    pytest.param(Answer(content=b"", ending=Ending.SILENCE), ShopifyTimeoutError, id="silence"),
]


@pytest.mark.parametrize(("refusal", "kind"), REFUSED)
async def test_a_code_is_tried_once_whatever_comes_of_it(
    shopfront: Shopfront, refusal: Answer, kind: type[SyncError]
) -> None:
    shopfront.server.answers = [refusal, GOOD]
    with pytest.raises(SyncError) as raised:
        await oauth(shopfront).exchange_code(SHOP, CODE)
    assert type(raised.value) is kind
    assert_silent(raised.value)
    assert len(shopfront.server.requests) == 1


PASSING = [
    pytest.param(answer(429), id="429"),
    pytest.param(answer(503), id="503"),
    pytest.param(answer(200, b"<html>"), id="HTML"),
    pytest.param(answer(200, b'{"access_token":"\xff"}'), id="not UTF-8"),
    pytest.param(Answer(content=b"", ending=Ending.RESET), id="connection reset"),
]


@pytest.mark.parametrize("refusal", PASSING)
async def test_a_renewal_is_tried_again_with_the_same_token(
    shopfront: Shopfront, refusal: Answer
) -> None:
    shopfront.server.answers = [refusal, refusal, GOOD]
    grant = await oauth(shopfront).refresh(SHOP, REFRESH)
    assert grant.access_token == ACCESS
    bodies = {each.body for each in shopfront.server.requests}
    assert len(bodies) == 1
    assert form(shopfront.server)["refresh_token"] == [REFRESH]
    assert form(shopfront.server)["grant_type"] == ["refresh_token"]
    assert len(shopfront.clock.waits) == 2


@pytest.mark.parametrize("refusal", PASSING)
async def test_a_renewal_is_not_tried_for_ever(shopfront: Shopfront, refusal: Answer) -> None:
    shopfront.server.answers = [refusal]
    with pytest.raises((ShopifyUnavailableError, ThrottledError)) as raised:
        await oauth(shopfront).refresh(SHOP, REFRESH)
    assert_silent(raised.value)
    assert len(shopfront.server.requests) == 12


@pytest.mark.parametrize("refusal", [INVALID_GRANT, answer(401)], ids=["400", "401"])
async def test_a_refresh_token_that_is_no_good_needs_the_merchant(
    shopfront: Shopfront, refusal: Answer
) -> None:
    shopfront.server.answers = [refusal, GOOD]
    with pytest.raises(TokenRevokedError) as raised:
        await oauth(shopfront).refresh(SHOP, REFRESH)
    assert_silent(raised.value)
    assert len(shopfront.server.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(402, ShopFrozenError), (404, ShopNotFoundError), (423, ShopFrozenError)],
)
async def test_a_shop_that_is_shut_is_not_taken_for_one_that_revoked_its_token(
    shopfront: Shopfront, status: int, kind: type[SyncError]
) -> None:
    shopfront.server.answers = [answer(status)]
    with pytest.raises(kind):
        await oauth(shopfront).refresh(SHOP, REFRESH)
    assert len(shopfront.server.requests) == (6 if status == 404 else 1)
