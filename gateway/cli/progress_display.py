"""Shows a sync as it goes: bars at a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

_LINE_SECONDS = 5.0


class StageView(msgspec.Struct, frozen=True, kw_only=True):
    """One resource of a run, as it is shown."""

    resource: str
    phase: str
    processed: int
    total: int | None


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A run, as it is shown."""

    stages: Sequence[StageView]
    records_per_second: float | None
    seconds_left: float | None


class ProgressDisplay(Protocol):
    """Where a run is shown."""

    def show(self, run: RunView) -> None:
        """Replace what is shown."""


@contextmanager
def progress_display(console: Console) -> Iterator[ProgressDisplay]:
    """Show runs on the console for the duration of the block."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    progress = Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    )
    with progress:
        yield _Bars(progress)


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def show(self, run: RunView) -> None:
        for stage in run.stages:
            task = self._tasks.get(stage.resource)
            if task is None:
                task = self._progress.add_task(stage.resource.lower(), total=None, note="")
                self._tasks[stage.resource] = task
            self._progress.update(
                task,
                completed=stage.processed,
                total=stage.processed if stage.phase == "DONE" else stage.total,
                note=_note(stage, run),
            )


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._phases: dict[str, str] = {}
        self._printed_at = 0.0

    def show(self, run: RunView) -> None:
        for stage in run.stages:
            is_new = self._phases.get(stage.resource) != stage.phase
            self._phases[stage.resource] = stage.phase
            is_due = time.monotonic() - self._printed_at >= _LINE_SECONDS
            if is_new or (is_due and stage.phase == "TRANSFERRING"):
                self._printed_at = time.monotonic()
                total = "?" if stage.total is None else f"{stage.total:,}"
                self._console.print(
                    f"{stage.resource.lower():<10} {stage.phase.lower():<13} "
                    f"{stage.processed:>9,} / {total:<9} {_note(stage, run)}".rstrip()
                )


def _note(stage: StageView, run: RunView) -> str:
    if stage.phase != "TRANSFERRING":
        return "" if stage.phase == "DONE" else stage.phase.lower()
    rate = "" if run.records_per_second is None else f"{run.records_per_second:,.0f}/s"
    left = "" if run.seconds_left is None else f"{run.seconds_left:,.0f} s left"
    return ", ".join(part for part in (rate, left) if part)
