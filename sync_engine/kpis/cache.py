"""Keeps what was read of shops for a while, until the shop changes; bounded, shop by shop."""

from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar, cast

from sync_engine.model.clock import Clock
from sync_engine.model.shop_domain import ShopDomain

_KEPT_SECONDS = 300.0
_MOST_ENTRIES = 5_000

T = TypeVar("T")


class ShopCache:
    """Answers by shop and question. ``drop`` forgets a shop's, also those just being read."""

    def __init__(
        self,
        clock: Clock,
        *,
        kept_seconds: float = _KEPT_SECONDS,
        most_entries: int = _MOST_ENTRIES,
    ) -> None:
        """Begin empty."""
        self._clock = clock
        self._kept_seconds = kept_seconds
        self._most_entries = most_entries
        self._entries: OrderedDict[tuple[ShopDomain, Hashable], tuple[float, object]] = (
            OrderedDict()
        )
        self._questions: dict[ShopDomain, set[Hashable]] = {}
        self._drops: Counter[ShopDomain] = Counter()
        self._all_drops = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    async def get(
        self, shop: ShopDomain, question: Hashable, read: Callable[[], Awaitable[T]]
    ) -> T:
        """Return the answer that is kept, or read it and keep it."""
        entry = self._entries.get((shop, question))
        if entry is not None and self._clock.monotonic_seconds() < entry[0]:
            self.hits += 1
            self._entries.move_to_end((shop, question))
            return cast("T", entry[1])
        self.misses += 1
        before = self._drops[shop], self._all_drops
        answer = await read()
        if (self._drops[shop], self._all_drops) == before:  # not changed while it was being read
            self._keep(shop, question, answer)
        return answer

    def drop(self, shop: ShopDomain | None) -> None:
        """Forget a shop's answers; all of them where no shop is given."""
        if shop is None:
            self._all_drops += 1
            self._entries.clear()
            self._questions.clear()
            self._drops.clear()
            return
        self._drops[shop] += 1
        for question in self._questions.pop(shop, ()):
            self._entries.pop((shop, question), None)

    def _keep(self, shop: ShopDomain, question: Hashable, answer: object) -> None:
        until = self._clock.monotonic_seconds() + self._kept_seconds
        self._entries[shop, question] = until, answer
        self._entries.move_to_end((shop, question))
        self._questions.setdefault(shop, set()).add(question)
        while len(self._entries) > self._most_entries:
            (oldest, asked), _ = self._entries.popitem(last=False)
            remaining = self._questions.get(oldest)
            if remaining is not None:
                remaining.discard(asked)
                if not remaining:
                    del self._questions[oldest]
