"""The order of lines in a result file.

Grouped results keep children behind their parent. Ungrouped ones promise nothing, and the simulator
takes Shopify at its word: in `mixed` order most children stand near their parent, but some stand
before it, some thousands of lines later, and some at the very end.

Source: `groupObjects` of bulkOperationRunQuery in the Admin API; shopify.dev, "Perform bulk
operations with the GraphQL Admin API".
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from random import Random

from msgspec import Struct

_BLOCK = 64
_SEED = 2_026_10


class Family(Struct, frozen=True, gc=False):
    """One root object's line with the lines of everything below it."""

    parent: bytes
    children: list[bytes]


Ordering = Callable[[Iterable[Family]], Iterator[bytes]]


def ordering(name: str) -> Ordering:
    """The ordering of this name: grouped, mixed, shuffled or children_first."""
    return {
        "grouped": _grouped,
        "mixed": _mixed,
        "shuffled": _shuffled,
        "children_first": _children_first,
    }[name]


def _grouped(families: Iterable[Family]) -> Iterator[bytes]:
    for family in families:
        yield family.parent
        yield from family.children


def _children_first(families: Iterable[Family]) -> Iterator[bytes]:
    parents = []
    for family in families:
        parents.append(family.parent)
        yield from family.children
    yield from parents


def _shuffled(families: Iterable[Family]) -> Iterator[bytes]:
    lines = list(_grouped(families))
    Random(_SEED).shuffle(lines)  # noqa: S311 - a fixed disorder, no secret
    yield from lines


def _mixed(families: Iterable[Family]) -> Iterator[bytes]:
    draw = Random(_SEED).random  # noqa: S311 - a fixed disorder, no secret
    late: list[tuple[int, int, bytes]] = []
    at_the_end: list[bytes] = []
    written = 0
    source = iter(families)
    while block := list(islice(source, _BLOCK)):
        early: list[bytes] = []
        lines: list[bytes] = []
        for family in block:
            lines.append(family.parent)
            for child in family.children:
                point = draw()
                if point < 0.96:  # noqa: PLR2004 - shares of children and how far they stray
                    lines.append(child)
                elif point < 0.975:  # noqa: PLR2004
                    early.append(child)
                elif point < 0.99:  # noqa: PLR2004
                    due = written + int(draw() * 60)
                    heapq.heappush(late, (due, len(late) + written, child))
                elif point < 0.998:  # noqa: PLR2004
                    due = written + 1000 + int(draw() * 5000)
                    heapq.heappush(late, (due, len(late) + written, child))
                else:
                    at_the_end.append(child)
        while late and late[0][0] <= written:
            lines.append(heapq.heappop(late)[2])
        yield from early
        yield from lines
        written += len(early) + len(lines)
    yield from (child for _, _, child in sorted(late))
    yield from at_the_end
