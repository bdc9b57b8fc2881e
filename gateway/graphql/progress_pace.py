"""Decides which states of runs a subscriber sees, and when. No waiting here: time is given.

A change of state goes out at once, everything else at most once in an interval for each run, and
then in the newest version. What is older than what was shown is passed over.
"""

from dataclasses import dataclass

from sync_engine.model.run import Run

_Position = tuple[bool, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    run: Run
    at_seconds: float


class ProgressPace:
    """The states that were shown to one subscriber, and those that wait for their turn."""

    def __init__(self, interval_seconds: float) -> None:
        """Take the shortest time between two states of the same run."""
        self._interval_seconds = interval_seconds
        self._shown: dict[str, _Shown] = {}
        self._waiting: dict[str, Run] = {}

    def offer(self, run: Run) -> None:
        """Take a newer state of a run; what waits of the same run is replaced."""
        known = self._waiting.get(run.id)
        if known is None and run.id in self._shown:
            known = self._shown[run.id].run
        if known is None or (run != known and _position(run) >= _position(known)):
            self._waiting[run.id] = run

    def take(self, now_seconds: float) -> Run | None:
        """Return a state whose turn it is and note it as shown; None if none has its turn."""
        for run_id, run in self._waiting.items():
            if self._turn_seconds(run) <= now_seconds:
                del self._waiting[run_id]
                self._forget_what_is_over()
                self._shown[run_id] = _Shown(run=run, at_seconds=now_seconds)
                return run
        return None

    def next_turn_seconds(self) -> float | None:
        """Return when the next state has its turn; None if none waits."""
        return min(map(self._turn_seconds, self._waiting.values()), default=None)

    def _forget_what_is_over(self) -> None:
        """Drop runs that will not change any more, or a long subscription would keep them all."""
        over = [run_id for run_id, each in self._shown.items() if not each.run.state.is_active]
        for run_id in over:
            del self._shown[run_id]

    def _turn_seconds(self, run: Run) -> float:
        shown = self._shown.get(run.id)
        if shown is None or shown.run.state is not run.state:
            return float("-inf")
        return shown.at_seconds + self._interval_seconds


def _position(run: Run) -> _Position:
    """Return figures that never fall while a run goes on, whichever machine's clock wrote it.

    Records are read again where an export is given up, but not without another request.
    """
    return (
        not run.state.is_active,
        run.fence,
        run.usage.requests,
        run.error_count,
        sum(stage.counts.processed for stage in run.stages),
    )
