"""Which customer placed which order, both ways, without a table of either.

Every order is one of four things: the first order of a customer, a later order of one, a guest's,
or an order whose customer was erased since. First orders are spread evenly, so that customers
come to be along the history. Later orders are dealt out in epochs: within one, an affine
permutation walks over the customers known by then (in every third epoch only over the loyal ones,
so that some have many orders), and a permutation can be walked backwards.
"""

from collections.abc import Iterator
from math import gcd

from msgspec import Struct

from sync_engine.simulator.randomness import keyed
from sync_engine.simulator.spec import ShopSpec

_EPOCHS = 40
_PATTERN_LENGTH = 100
_GUESTS = 17
_ERASED = 2
_LOYAL_EVERY = 8
_LOYAL_OFFSET = 3
_SALT = 21


class _Epoch(Struct, frozen=True):
    first_rank: int
    end_rank: int
    pool: int
    factor: int
    inverse: int
    shift: int
    is_loyal: bool


class Assignment:
    """Orders to customers and back, by index."""

    def __init__(self, spec: ShopSpec) -> None:
        self._orders = spec.orders
        self._customers = spec.customers
        self.buyers = min((spec.customers * 86 + 99) // 100, (spec.orders * 45 + 99) // 100)
        self._pattern = _shuffled_pattern(spec.seed)
        self._returning_before = [0]
        for kind in self._pattern:
            self._returning_before.append(self._returning_before[-1] + (kind == "returning"))
        self._returning_at = [i for i, kind in enumerate(self._pattern) if kind == "returning"]
        self._epochs = [self._epoch(spec.seed, number) for number in range(_EPOCHS)]

    def customer_of(self, order: int) -> int | None:
        """The customer of an order; None for guests and for customers that were erased."""
        buyer = self._buyer_of(order)
        return None if buyer is None else self._customer(buyer)

    def is_guest(self, order: int) -> bool:
        """Whether the order never had a customer (and not one that was erased)."""
        if self._buyer_of(order) is not None:
            return False
        return self._pattern[self._rank_among_later(order) % _PATTERN_LENGTH] != "erased"

    def orders_of(self, customer: int) -> list[int]:
        """All orders of a customer, oldest first."""
        buyer = self._buyer(customer)
        if buyer is None:
            return []
        return [self.first_order(buyer), *sorted(self._later_orders(buyer))]

    def buyer_rank(self, customer: int) -> tuple[int, bool]:
        """How many buyers come before this customer, and whether it is a buyer itself."""
        if not self._customers:
            return 0, False
        before = customer * self.buyers // self._customers
        return before, (customer + 1) * self.buyers // self._customers > before

    def first_order(self, buyer: int) -> int:
        """The order that made the given buyer a customer."""
        return -(-(buyer + 1) * self._orders // self.buyers) - 1

    def customer_of_buyer(self, buyer: int) -> int:
        """The customer index of a buyer."""
        return self._customer(buyer)

    def _customer(self, buyer: int) -> int:
        return -(-(buyer + 1) * self._customers // self.buyers) - 1

    def _buyer(self, customer: int) -> int | None:
        rank, is_buyer = self.buyer_rank(customer)
        return rank if is_buyer else None

    def _buyers_before(self, order: int) -> int:
        return order * self.buyers // self._orders

    def _rank_among_later(self, order: int) -> int:
        return order - self._buyers_before(order)

    def _returning_rank(self, later_rank: int) -> int:
        laps, rest = divmod(later_rank, _PATTERN_LENGTH)
        return laps * len(self._returning_at) + self._returning_before[rest]

    def _buyer_of(self, order: int) -> int | None:
        before = self._buyers_before(order)
        if (order + 1) * self.buyers // self._orders > before:
            return before
        later = order - before
        if self._pattern[later % _PATTERN_LENGTH] != "returning":
            return None
        epoch = self._epochs[order * _EPOCHS // self._orders]
        if not epoch.pool:
            return None
        step = self._returning_rank(later) - epoch.first_rank
        slot = (epoch.factor * step + epoch.shift) % epoch.pool
        return slot * _LOYAL_EVERY + _LOYAL_OFFSET if epoch.is_loyal else slot

    def _later_orders(self, buyer: int) -> Iterator[int]:
        for epoch in self._epochs:
            slot = buyer
            if epoch.is_loyal:
                slot, rest = divmod(buyer, _LOYAL_EVERY)
                if rest != _LOYAL_OFFSET:
                    continue
            if slot >= epoch.pool:
                continue
            rank = epoch.first_rank + (slot - epoch.shift) * epoch.inverse % epoch.pool
            while rank < epoch.end_rank:
                yield self._order_of_returning(rank)
                rank += epoch.pool

    def _order_of_returning(self, rank: int) -> int:
        laps, rest = divmod(rank, len(self._returning_at))
        later = laps * _PATTERN_LENGTH + self._returning_at[rest]
        order = later * self._orders // (self._orders - self.buyers)
        while self._rank_among_later(order) > later:
            order -= 1
        while self._rank_among_later(order) < later or self._is_first(order):
            order += 1
        return order

    def _is_first(self, order: int) -> bool:
        return self._buyers_before(order + 1) > self._buyers_before(order)

    def _epoch(self, seed: int, number: int) -> _Epoch:
        first = -(-number * self._orders // _EPOCHS)
        end = -(-(number + 1) * self._orders // _EPOCHS)
        if not self._orders or not self.buyers:
            return _Epoch(0, 0, 0, 1, 0, 0, is_loyal=False)
        is_loyal = number % 3 == 1
        known = self._buyers_before(first)
        pool = (known + _LOYAL_EVERY - _LOYAL_OFFSET - 1) // _LOYAL_EVERY if is_loyal else known
        draw = keyed(seed, _SALT, number)
        factor = draw % pool if pool else 1
        while pool and gcd(factor, pool) != 1:
            factor = (factor + 1) % pool
        return _Epoch(
            self._returning_rank(self._rank_among_later(first)),
            self._returning_rank(self._rank_among_later(end)),
            pool,
            factor,
            pow(factor, -1, pool) if pool else 0,
            (draw >> 32) % pool if pool else 0,
            is_loyal,
        )


def _shuffled_pattern(seed: int) -> list[str]:
    kinds = ["guest"] * _GUESTS + ["erased"] * _ERASED
    kinds += ["returning"] * (_PATTERN_LENGTH - len(kinds))
    order = sorted(range(_PATTERN_LENGTH), key=lambda place: keyed(seed, _SALT + 1, place))
    return [kinds[place] for place in order]
