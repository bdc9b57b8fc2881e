"""Tokens that were looked up are known for some seconds, and never after they were dropped."""

import msgspec

from sync_engine.model.access import ApiToken, ViewerScope
from sync_engine.store.known_tokens import KnownTokens
from tests.examples import MONDAY, SHOP
from tests.manual_clock import ManualClock

TOKEN = ApiToken(id="1", shop=SHOP, scopes=(ViewerScope.READ_DATA,), created_at=MONDAY)


def test_a_token_is_known_for_five_seconds() -> None:
    clock = ManualClock()
    known = KnownTokens(clock.monotonic_seconds)
    known.keep("hash", TOKEN)
    clock.advance(4.9)
    assert known.get("1") == ("hash", TOKEN)
    clock.advance(0.2)
    assert known.get("1") is None


def test_a_change_of_a_token_drops_it_and_no_other() -> None:
    known = KnownTokens()
    other = msgspec.structs.replace(TOKEN, id="2")
    for token in (TOKEN, other):
        known.keep("hash", token)
    known.changed({"documentKey": {"_id": "1"}})
    assert known.get("1") is None
    assert known.get("2") == ("hash", other)


async def test_after_a_gap_in_the_feed_none_is_known() -> None:
    known = KnownTokens()
    known.keep("hash", TOKEN)
    await known.catch_up()
    assert known.get("1") is None


def test_there_is_an_end_to_what_is_kept() -> None:
    known = KnownTokens()
    for number in range(10_001):
        known.keep("hash", msgspec.structs.replace(TOKEN, id=str(number)))
    assert known.get("0") is None
    assert known.get("1") is not None
