"""A shop cannot tell a database with another shop in it from one without.

Random operations are asked as one shop at two gateways: one over a database that holds another shop
too, alike to the last id, the other over a copy that holds the first shop alone. Whatever is asked,
by the other's ids, cursors, names or domain, the answers are the same to the byte.
"""

import json
import re
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.model.access import ViewerScope
from tests.integration.gateway.conftest import Caller
from tests.integration.gateway.isolation.conftest import FOREIGN, Twins
from tests.two_shops import MINE, THEIRS

# Why, and where they are collected: the conftest beside.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


MANY = 30


Seen = tuple[int, str, frozenset[str]]


def seen(response: httpx.Response) -> Seen:
    """Return what a caller sees of an answer: its status, its data and its errors.

    An internal error is none that it should see; the moment of asking is no news, nor is how many
    points of its own it has left.
    """
    assert "INTERNAL_SERVER_ERROR" not in response.text, response.text
    text = re.sub(r'"freshAsOf":"[^"]*"', '"freshAsOf":"now"', response.text)
    answer = json.loads(_LEFT.sub('"currentlyAvailable":0', text))
    errors = frozenset(json.dumps(error) for error in answer.pop("errors", ()))
    return response.status_code, json.dumps(answer), errors


async def seen_by(caller: Caller, query: str) -> frozenset[Seen]:
    """Return what a caller sees of a query, which of several errors comes first being chance."""
    first = seen(await caller.post(query))
    if len(first[2]) == 0:
        return frozenset({first})
    return frozenset({first, *[seen(await caller.post(query)) for _ in range(7)]})


_LEFT = re.compile(r'"currentlyAvailable":[0-9.]+')


ASYNC = settings(
    max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(data=st.data())
@ASYNC
async def test_no_query_can_tell_that_there_is_another_shop(
    twins: Twins, data: st.DataObject
) -> None:
    query = data.draw(twins.operations().queries(depth=6))
    # The other asks the same first, so that whatever is kept between operations is warm with it.
    await twins.other.post(query)
    beside, alone = await seen_by(twins.beside, query), await seen_by(twins.alone, query)
    assert beside & alone
    if FOREIGN not in query.lower():
        assert FOREIGN not in str(beside)
    assert "77.77" not in str(beside)


def unchanging(response: httpx.Response, known: set[str]) -> str:
    """Return an answer without what is new each time: times, ids, the caller's points left."""
    assert "INTERNAL_SERVER_ERROR" not in response.text, response.text
    text = re.sub(r'"20\d\d-\d\d-\d\dT[^"]*"', '"time"', response.text)
    text = _LEFT.sub('"currentlyAvailable":0', text)
    return re.sub(r"\b[0-9a-f]{28}\b", lambda found: found[0] if found[0] in known else "new", text)


MUTATIONS = ("startSync", "cancelSync", "retrySyncErrors", "updateShopSettings", "disconnectShop")


@given(data=st.data())
@ASYNC
async def test_no_mutation_can_change_another_shop_or_tell_that_it_is_there(
    twins: Twins, data: st.DataObject
) -> None:
    mutation = data.draw(twins.operations().mutations(MUTATIONS, depth=4))
    before = await twins.others_documents()
    known = {*twins.pool["ids"], *twins.pool["runId"]}
    beside, alone = await twins.beside.post(mutation), await twins.alone.post(mutation)
    assert unchanging(beside, known) == unchanging(alone, known)
    assert await twins.others_documents() == before


async def test_not_even_who_manages_shops_can_disconnect_another(twins: Twins) -> None:
    _, text = await twins.store.api_tokens.create(MINE, tuple(ViewerScope), now=datetime.now(UTC))
    before = await twins.others_documents()
    manager = Caller(twins.beside.http, text)
    for domain in (THEIRS, "nowhere.myshopify.com"):
        refused = await manager.data(
            "mutation($shop: ShopDomain) { disconnectShop(input: {shop: $shop}) "
            "{ shop { domain } userErrors { code message } } }",
            shop=domain,
        )
        assert refused["disconnectShop"]["shop"] is None
        assert refused["disconnectShop"]["userErrors"] == [
            {"code": "NOT_FOUND", "message": "There is no such shop."}
        ]
    assert await twins.others_documents() == before
