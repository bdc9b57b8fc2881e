"""Random numbers that depend on a seed and a record's index, and on nothing else.

Record i must come out the same in every process, in any order, without the records before it. So
nothing here keeps state between records: `mixed` hashes integers, and `RandomStream` starts a
fresh generator from such a hash.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


def mixed(value: int) -> int:
    """A 64-bit hash of an integer (the finaliser of SplitMix64); equal on every machine."""
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return value ^ (value >> 31)


def keyed(seed: int, salt: int, index: int) -> int:
    """A 64-bit hash of a shop's seed, the purpose of the draw and a record's index."""
    return mixed((seed * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 + index) & _MASK)


class RandomStream:
    """Draws for one record.

    Built on `Random.random`, whose sequence for a given integer seed Python promises to keep.
    The other methods of `Random` carry no such promise and are not used.
    """

    __slots__ = ("_draw",)

    def __init__(self, seed: int, salt: int, index: int) -> None:
        self._draw = Random(keyed(seed, salt, index)).random  # noqa: S311 - test data, no secret

    def below(self, limit: int) -> int:
        """An integer from 0 to limit - 1."""
        return int(self._draw() * limit)

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + int(self._draw() * (high - low + 1))

    def chance(self, per_mille: int) -> bool:
        """True for `per_mille` of 1,000 draws."""
        return self._draw() * 1000 < per_mille

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[int(self._draw() * len(options))]

    def weighted(self, options: Sequence[T], cumulative: Sequence[int]) -> T:
        """One of the options; `cumulative` holds their summed weights, the last is the total."""
        point = int(self._draw() * cumulative[-1])
        for option, bound in zip(options, cumulative, strict=True):
            if point < bound:
                return option
        return options[-1]
