"""The table of strategies: every row of it, and that there is always a way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.errors import (
    BulkFailedError,
    BulkNotEnabledError,
    BulkSlotsBusyError,
    FatalError,
    LeaseLostError,
    QueryRejectedError,
    QueryTooExpensiveError,
    RestClosedError,
    ScopeMissingError,
    ShopFrozenError,
    ShopifyUnavailableError,
    SyncError,
    ThrottledError,
)
from sync_engine.model.sync_enums import SyncStrategy
from sync_engine.sources.choose import (
    Choice,
    ChoiceReason,
    Situation,
    choose,
    needs_count,
    reason_to_give_up,
)

BULK, GRAPHQL, REST = SyncStrategy.BULK, SyncStrategy.GRAPHQL, SyncStrategy.REST
R = ChoiceReason


def situation(
    asked: SyncStrategy | None = None,
    preferred: SyncStrategy | None = None,
    count: int | None = None,
    given_up: tuple[SyncStrategy, ...] = (),
    because: ChoiceReason | None = None,
) -> Situation:
    return Situation(
        asked=asked,
        preferred=preferred,
        record_count=count,
        few_records=250,
        given_up=frozenset(given_up),
        because=because,
    )


@pytest.mark.parametrize(
    ("given_situation", "strategy", "reason"),
    [
        pytest.param(situation(count=251), BULK, R.MANY_RECORDS, id="many"),
        pytest.param(situation(count=250), GRAPHQL, R.FEW_RECORDS, id="few"),
        pytest.param(situation(count=0), GRAPHQL, R.FEW_RECORDS, id="none"),
        pytest.param(situation(), BULK, R.MANY_RECORDS, id="not counted"),
        pytest.param(situation(asked=REST, count=1), REST, R.ASKED, id="asked"),
        pytest.param(situation(asked=BULK, count=1), BULK, R.ASKED, id="asked, though few"),
        pytest.param(situation(preferred=REST, count=9), REST, R.PREFERRED, id="preferred"),
        pytest.param(
            situation(asked=GRAPHQL, preferred=REST), GRAPHQL, R.ASKED, id="asked before preferred"
        ),
        pytest.param(
            situation(given_up=(BULK,), because=R.BULK_NOT_ENABLED),
            GRAPHQL,
            R.BULK_NOT_ENABLED,
            id="bulk not enabled",
        ),
        pytest.param(
            situation(given_up=(BULK,), because=R.BULK_SLOTS_BUSY),
            GRAPHQL,
            R.BULK_SLOTS_BUSY,
            id="slots busy",
        ),
        pytest.param(
            situation(given_up=(BULK, GRAPHQL), because=R.REJECTED), REST, R.REJECTED, id="last"
        ),
        pytest.param(
            situation(asked=REST, given_up=(REST,), because=R.REST_RETIRED, count=9),
            GRAPHQL,
            R.REST_RETIRED,
            id="asked for REST, which is retired; few",
        ),
        pytest.param(
            situation(asked=REST, preferred=GRAPHQL, given_up=(REST,), because=R.REST_RETIRED),
            GRAPHQL,
            R.REST_RETIRED,
            id="asked for REST, which is retired; pages preferred",
        ),
        pytest.param(
            situation(asked=REST, given_up=(REST,), because=R.REST_RETIRED, count=900),
            BULK,
            R.REST_RETIRED,
            id="asked for REST, which is retired; many",
        ),
    ],
)
def test_a_row_of_the_table(
    given_situation: Situation, strategy: SyncStrategy, reason: ChoiceReason
) -> None:
    assert choose(given_situation) == Choice(strategy=strategy, reason=reason)


def test_when_every_road_is_shut_there_is_no_choice() -> None:
    assert choose(situation(asked=BULK, given_up=(BULK, GRAPHQL, REST), count=1)) is None


MAYBE_STRATEGY = st.none() | st.sampled_from(SyncStrategy)


@given(asked=MAYBE_STRATEGY, preferred=MAYBE_STRATEGY, count=st.none() | st.integers(0, 500))
def test_falling_back_takes_each_road_once(
    asked: SyncStrategy | None, preferred: SyncStrategy | None, count: int | None
) -> None:
    taken: list[SyncStrategy] = []
    while (choice := choose(situation(asked, preferred, count, tuple(taken)))) is not None:
        taken.append(choice.strategy)
    assert sorted(taken) == sorted(SyncStrategy)
    assert taken[0] == (asked or preferred or taken[0])


def test_records_are_counted_only_where_the_choice_depends_on_it() -> None:
    assert needs_count(situation())
    assert not needs_count(situation(asked=BULK))
    assert not needs_count(situation(preferred=REST))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BulkNotEnabledError("x"), R.BULK_NOT_ENABLED),
        (BulkSlotsBusyError("x"), R.BULK_SLOTS_BUSY),
        (BulkFailedError("x"), R.BULK_FAILED_TWICE),
        (RestClosedError("x"), R.REST_RETIRED),
        (QueryTooExpensiveError("x"), R.TOO_EXPENSIVE),
        (QueryRejectedError("x"), R.REJECTED),
        (ThrottledError("x"), None),
        (ShopifyUnavailableError("x"), None),
        (ScopeMissingError("x"), None),
        (ShopFrozenError("x"), None),
        (LeaseLostError("x"), None),
        (FatalError("MongoDB refused a request of ours"), None),
    ],
)
def test_only_what_is_wrong_with_the_road_gives_it_up(
    error: SyncError, reason: ChoiceReason | None
) -> None:
    assert reason_to_give_up(error) is reason
