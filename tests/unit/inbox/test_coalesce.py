"""A burst of webhooks comes down to one word per record, whatever order they came in."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync_engine.inbox.coalesce import coalesce
from sync_engine.inbox.tidings import CustomersMerged, RecordGone, RecordTold, RecordTouched, Told
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.mapping.rest import Mapped
from tests.examples import MONDAY, customer

NUMBERS = st.integers(1, 3)
MOMENTS = st.integers(0, 5).map(lambda seconds: MONDAY + timedelta(seconds=seconds))
TIDINGS = st.one_of(
    st.builds(
        lambda number, updated_at, name, lacks: RecordTold(
            resource=Resource.CUSTOMERS,
            mapped=Mapped(
                record=customer(number, updated_at=updated_at, display_name=name), lacks=lacks
            ),
        ),
        NUMBERS,
        MOMENTS,
        st.sampled_from("abc"),
        st.sampled_from([frozenset[str](), frozenset({"tags"})]),
    ),
    st.builds(RecordTouched, resource=st.just(Resource.CUSTOMERS), number=NUMBERS),
    st.builds(RecordGone, resource=st.just(Resource.CUSTOMERS), number=NUMBERS),
    st.tuples(NUMBERS, NUMBERS)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: CustomersMerged(kept=pair[0], removed=pair[1])),
)


@st.composite
def bursts(draw: st.DrawFn) -> list[Told]:
    """Draw a burst of webhooks about three customers."""
    pairs = draw(st.lists(st.tuples(TIDINGS, MOMENTS), min_size=1, max_size=8))
    return [
        Told(event_id=f"w{place}", at=at, tiding=tiding) for place, (tiding, at) in enumerate(pairs)
    ]


@given(burst=bursts(), data=st.data())
def test_the_order_in_which_they_came_does_not_matter(
    burst: list[Told], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(burst))
    assert coalesce(shuffled) == coalesce(burst)


@given(burst=bursts())
def test_every_event_either_counts_or_is_superseded(burst: list[Told]) -> None:
    news = coalesce(burst)[Resource.CUSTOMERS]
    outdone = [event for events in news.superseded.values() for event in events]
    assert sorted([*news.counting.values(), *outdone]) == sorted(told.event_id for told in burst)


@given(burst=bursts())
def test_a_record_is_deleted_read_or_told_and_only_one_of_these(burst: list[Told]) -> None:
    news = coalesce(burst)[Resource.CUSTOMERS]
    ways = [set(news.gone), news.touched, set(news.words)]
    assert sum(map(len, ways)) == len(set().union(*ways))
    assert set(news.counting) <= set().union(*ways)


@given(burst=bursts())
def test_of_versions_the_newest_is_told(burst: list[Told]) -> None:
    news = coalesce(burst)[Resource.CUSTOMERS]
    for number, word in news.words.items():
        versions = [
            (told.tiding.mapped.record.updated_at, told.at)
            for told in burst
            if isinstance(told.tiding, RecordTold) and told.tiding.number == number
        ]
        assert (word.mapped.record.updated_at, word.at) == max(versions)


@given(burst=bursts())
def test_what_waits_for_shopify_is_what_has_to_be_asked_for(burst: list[Told]) -> None:
    news = coalesce(burst)[Resource.CUSTOMERS]
    waiting = set(news.waiting_events())
    for number, event in news.counting.items():
        merged_into = {each.kept for each in news.merged if each.removed == number}
        asks = number in news.open_numbers() or bool(merged_into & news.open_numbers())
        assert (event in waiting) == asks
