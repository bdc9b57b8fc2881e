"""What the rollups add to a first sync: the same shop synced with them and without, in turns.

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
    with simulated_shop(orders) as simulator:
        ratios = []
        print(f"{orders:,} orders; seconds from the first order to the whole figures, CPU seconds")
        for number in range(1, rounds + 1):
            bare, full = (_measured(mode, simulator) for mode in ("--bare", "--full"))
            ratios.append(full["seconds"] / bare["seconds"])
            print(
                f"  round {number}: without {bare['seconds']:.1f} s ({bare['cpu_seconds']:.1f})"
                f"   with {full['seconds']:.1f} s ({full['cpu_seconds']:.1f})"
                f"   with/without {ratios[-1]:.2f}",
                flush=True,
            )
        found = statistics.median(ratios)
        print(f"with/without, median: {found:.2f}; aim {_MOST} at most")
        return int(found > _MOST)


def _measured(mode: str, simulator: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.rollup_cost", mode, simulator]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    return measured_figures(done.stdout)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        without_rollups()
    if sys.argv[1:2] in (["--bare"], ["--full"]):
        child("ours", sys.argv[2])
    else:
        given = [int(argument) for argument in sys.argv[1:]]
        sys.exit(main(*(given + [60_000, 3][len(given) :])))
