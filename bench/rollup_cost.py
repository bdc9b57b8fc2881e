"""What the rollups add to a first sync: the same shop synced with them and without, in turns.

A sync is a whole one, of customers, products and orders, from the wish for it to its end; what the
simulator exports it has made before, so that nobody waits for it. Behind it stands what the
transfer of the orders takes alone.

python -m bench.rollup_cost [orders] [rounds]
"""

import statistics
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from bench.initial_sync import child, measured_figures, simulated_shop
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.store.rollups.importing import RollupImport
from sync_engine.store.rollups.writer import RollupWriter


class _NoLedger:
    """Takes notes of nothing."""

    held_back = None

    async def lock(self) -> None:
        return

    def note(self, *given: object) -> None:
        del given

    def note_title(self, *given: object) -> None:
        del given

    async def orders_where(self, condition: Mapping[str, object]) -> dict[int, Any]:
        del condition
        return {}

    async def settle(self) -> None:
        return


async def _nothing(*given: object, **named: object) -> bool:
    del given, named
    return True


def without_rollups() -> None:
    """Let this process write no rollups."""
    vars_of_writer: Any = RollupWriter
    vars_of_writer.ledger = lambda self, session: _NoLedger()  # noqa: ARG005 - a method
    keeper: Any = RollupKeeper
    keeper.settle = _nothing
    importing: Any = RollupImport
    importing.begin = _nothing


_MOST = 1.25


def main(orders: int, rounds: int) -> int:
    """Compare and print; returns 1 where the aim was missed."""
    with simulated_shop(orders, customers=orders // 5) as simulator:
        _measured("--bare", "whole", simulator)  # the exports are made now
        print(f"{orders:,} orders; seconds of a first sync, CPU seconds")
        found = _compared("whole", simulator, rounds)
        print(f"with/without, median: {found:.2f}; aim {_MOST} at most")
        print("from the first order to the last one's figures:")
        print(f"with/without, median: {_compared('ours', simulator, rounds):.2f}")
        return int(found > _MOST)


def _compared(role: str, simulator: str, rounds: int) -> float:
    ratios = []
    for number in range(1, rounds + 1):
        bare, full = (_measured(mode, role, simulator) for mode in ("--bare", "--full"))
        ratios.append(full["seconds"] / bare["seconds"])
        print(
            f"  round {number}: without {bare['seconds']:.1f} s ({bare['cpu_seconds']:.1f})"
            f"   with {full['seconds']:.1f} s ({full['cpu_seconds']:.1f})"
            f"   with/without {ratios[-1]:.2f}",
            flush=True,
        )
    return statistics.median(ratios)


def _measured(mode: str, role: str, simulator: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.rollup_cost", mode, role, simulator]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    return measured_figures(done.stdout)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        without_rollups()
    if sys.argv[1:2] in (["--bare"], ["--full"]):
        child(*sys.argv[2:])
    else:
        given = [int(argument) for argument in sys.argv[1:]]
        sys.exit(main(*(given + [60_000, 5][len(given) :])))
