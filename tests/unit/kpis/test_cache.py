"""The cache: kept for a while, dropped at a change, bounded, and no shop knows of another."""

from sync_engine.kpis.cache import ShopCache
from tests.examples import OTHER_SHOP, SHOP
from tests.manual_clock import ManualClock


class Reader:
    """Answers with how often it was asked."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> int:
        self.count += 1
        return self.count


async def test_an_answer_is_kept_until_its_time_is_up() -> None:
    clock = ManualClock()
    cache, read = ShopCache(clock, kept_seconds=300), Reader()
    assert [await cache.get(SHOP, "q", read) for _ in range(3)] == [1, 1, 1]
    clock.advance(301)
    assert await cache.get(SHOP, "q", read) == 2
    assert (cache.hits, cache.misses) == (2, 2)


async def test_a_change_drops_the_answers_of_its_shop_alone() -> None:
    cache = ShopCache(ManualClock())
    mine, theirs = Reader(), Reader()
    await cache.get(SHOP, "q", mine)
    await cache.get(OTHER_SHOP, "q", theirs)
    cache.drop(SHOP)
    assert await cache.get(SHOP, "q", mine) == 2
    assert await cache.get(OTHER_SHOP, "q", theirs) == 1
    cache.drop(None)
    assert await cache.get(OTHER_SHOP, "q", theirs) == 2


async def test_what_changes_while_it_is_being_read_is_not_kept() -> None:
    cache, read = ShopCache(ManualClock()), Reader()

    async def overtaken() -> int:
        answer = await read()
        cache.drop(SHOP)
        return answer

    assert await cache.get(SHOP, "q", overtaken) == 1
    assert await cache.get(SHOP, "q", read) == 2


async def test_the_answers_that_were_asked_for_longest_ago_go_first() -> None:
    cache = ShopCache(ManualClock(), most_entries=2)
    readers = {question: Reader() for question in "abc"}
    for question in "abac":  # b is the oldest when c comes
        await cache.get(SHOP, question, readers[question])
    assert len(cache) == 2
    assert await cache.get(SHOP, "a", readers["a"]) == 1
    assert await cache.get(SHOP, "b", readers["b"]) == 2
