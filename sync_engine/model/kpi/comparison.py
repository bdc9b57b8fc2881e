"""Compares rollups with what they should be, cell by cell."""

from collections.abc import Sequence

import msgspec

from sync_engine.model.kpi.rollups import Amount, CellKey, Cells, RollupKind, Rollups


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that is not what the orders come to; an empty list of amounts is no cell."""

    kind: RollupKind
    period: str
    key: CellKey
    stored: Sequence[Amount]
    computed: Sequence[Amount]


def differences(stored: Rollups, computed: Rollups) -> list[Difference]:
    """Return every cell in which the two differ, in order of kind and period."""
    have, want = stored.by_place(), computed.by_place()
    return [
        Difference(
            kind=place[0],
            period=place[1],
            key=key,
            stored=have.get(place, {}).get(key, []),
            computed=want.get(place, {}).get(key, []),
        )
        for place in sorted({*have, *want})
        for key in _keys(have.get(place, {}), want.get(place, {}))
        if have.get(place, {}).get(key) != want.get(place, {}).get(key)
    ]


def _keys(first: Cells, second: Cells) -> list[CellKey]:
    return sorted({*first, *second}, key=lambda key: (isinstance(key, str), key))
