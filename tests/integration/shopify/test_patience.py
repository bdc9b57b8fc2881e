"""What may pass is tried again: a bounded number of times, after waits that grow or were asked."""

from itertools import pairwise

import pytest

from sync_engine.model.errors import RetryableError, ShopifyUnavailableError, ThrottledError
from sync_engine.model.sync_enums import SyncErrorCode
from tests.integration.shopify.shopfront import GOOD, Shopfront, assert_no_secret, graphql
from tests.scripted_server import Answer, answer

TRIES = 12
LONGEST_WAITS = [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]


def throttled(*, cost: object = None) -> Answer:
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return graphql({"errors": [error], "extensions": {"cost": cost}})


def internal_error() -> Answer:
    extensions = {"code": "INTERNAL_SERVER_ERROR", "requestId": "r"}
    error = {"message": "Internal error. Looks like something went wrong", "extensions": extensions}
    return graphql({"data": None, "errors": [error]})


PASSING = [
    pytest.param(answer(429), ThrottledError, "THROTTLED", id="429"),
    pytest.param(answer(430, b"<html>"), ShopifyUnavailableError, "NETWORK", id="430"),
    pytest.param(answer(500), ShopifyUnavailableError, "NETWORK", id="500"),
    pytest.param(answer(502, b"<html>"), ShopifyUnavailableError, "NETWORK", id="502"),
    pytest.param(answer(503), ShopifyUnavailableError, "NETWORK", id="503"),
    pytest.param(answer(504), ShopifyUnavailableError, "NETWORK", id="504"),
    pytest.param(answer(530), ShopifyUnavailableError, "NETWORK", id="530"),
    pytest.param(answer(540), ShopifyUnavailableError, "NETWORK", id="540"),
    pytest.param(internal_error(), ShopifyUnavailableError, "NETWORK", id="internal error"),
    pytest.param(throttled(), ThrottledError, "THROTTLED", id="throttled without its cost"),
]


@pytest.mark.parametrize(("refusal", "kind", "code"), PASSING)
async def test_what_does_not_pass_is_given_up_after_twelve_tries(
    shopfront: Shopfront, refusal: Answer, kind: type[RetryableError], code: str
) -> None:
    shopfront.server.answers = [refusal]
    with pytest.raises(RetryableError) as raised:
        await shopfront.name()
    assert type(raised.value) is kind
    assert raised.value.code is SyncErrorCode(code)
    assert raised.value.retry_after_seconds is None
    assert_no_secret(raised.value)
    assert len(shopfront.server.requests) == TRIES
    for wait, longest in zip(shopfront.clock.waits, LONGEST_WAITS, strict=True):
        assert wait <= longest
    usage = shopfront.client.meter.take()
    assert (usage.requests, usage.retried) == (TRIES, TRIES - 1)
    assert usage.throttled + usage.failed == TRIES


@pytest.mark.parametrize(("refusal", "kind", "code"), PASSING)
async def test_what_passes_leaves_an_answer(
    shopfront: Shopfront, refusal: Answer, kind: type[RetryableError], code: str
) -> None:
    del kind, code
    shopfront.server.answers = [refusal, refusal, GOOD]
    assert await shopfront.name() == "Echo"
    assert len(shopfront.server.requests) == 3
    assert shopfront.client.meter.take().retried == 2


@pytest.mark.usefixtures("longest_waits")
async def test_the_longest_wait_doubles_up_to_half_a_minute(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(503)]
    with pytest.raises(ShopifyUnavailableError):
        await shopfront.name()
    assert shopfront.clock.waits == LONGEST_WAITS
    assert all(later >= earlier for earlier, later in pairwise(shopfront.clock.waits))


@pytest.mark.parametrize("status", [429, 430, 503, 530])
@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("100000", 300.0)],
    ids=["whole seconds", "a fraction", "a day or so"],
)
async def test_a_wait_that_shopify_asks_for_is_kept(
    shopfront: Shopfront, status: int, text: str, seconds: float
) -> None:
    shopfront.server.answers = [answer(status, headers={"Retry-After": text}), GOOD]
    assert await shopfront.name() == "Echo"
    assert shopfront.clock.waits == [seconds]


@pytest.mark.parametrize("text", ["", "soon", "nan", "Tue, 24 Nov 2026 12:00:00 GMT"])
@pytest.mark.usefixtures("longest_waits")
async def test_a_wait_that_cannot_be_read_is_guessed(shopfront: Shopfront, text: str) -> None:
    shopfront.server.answers = [answer(429, headers={"Retry-After": text}), GOOD]
    assert await shopfront.name() == "Echo"
    assert shopfront.clock.waits == LONGEST_WAITS[:1]


@pytest.mark.parametrize("text", ["0", "-5", "-inf"])
async def test_a_wait_of_nothing_is_none(shopfront: Shopfront, text: str) -> None:
    shopfront.server.answers = [answer(429, headers={"Retry-After": text}), GOOD]
    assert await shopfront.name() == "Echo"
    assert shopfront.clock.waits == []


async def test_five_minutes_are_the_end_whatever_shopify_asks_for(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(429, headers={"Retry-After": "100"})]
    with pytest.raises(ThrottledError) as raised:
        await shopfront.name()
    assert shopfront.clock.waits == [100, 100, 100]
    assert raised.value.retry_after_seconds == 100


async def test_a_query_that_is_throttled_waits_until_the_bucket_holds_its_price(
    shopfront: Shopfront,
) -> None:
    bucket = {"maximumAvailable": 2000.0, "currentlyAvailable": 52.0, "restoreRate": 100.0}
    cost = {"requestedQueryCost": 752, "actualQueryCost": None, "throttleStatus": bucket}
    shopfront.server.answers = [throttled(cost=cost), GOOD]
    assert await shopfront.name() == "Echo"
    assert sum(shopfront.clock.waits) == pytest.approx(7.0, rel=0.01)
    assert shopfront.client.meter.take().throttled == 1


async def test_a_bucket_that_somebody_else_empties_is_not_waited_for_endlessly(
    shopfront: Shopfront,
) -> None:
    bucket = {"maximumAvailable": 2000.0, "currentlyAvailable": 0.0, "restoreRate": 100.0}
    cost = {"requestedQueryCost": 500, "actualQueryCost": None, "throttleStatus": bucket}
    shopfront.server.answers = [throttled(cost=cost)]
    with pytest.raises(ThrottledError):
        await shopfront.name()
    assert len(shopfront.server.requests) == TRIES
    assert sum(shopfront.clock.waits) == pytest.approx(5.0 * (TRIES - 1), rel=0.01)
