"""Lets a process die, or somebody else write, at a chosen step of the archive's work."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sync_engine.archive.files import ArchiveFiles
from sync_engine.store.archive.mover import OrderMover

_STEPS = (
    (ArchiveFiles, "write"),
    (ArchiveFiles, "read"),
    (ArchiveFiles, "delete"),
    (OrderMover, "save"),
    (OrderMover, "take_away"),
    (OrderMover, "bring_back"),
)


class CrashError(Exception):
    """The process dies."""


class Steps:
    """What has been done so far, by name."""

    def __init__(self) -> None:
        self.done: list[str] = []


@contextmanager
def at_step(
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    *,
    before: Callable[[], Awaitable[None]] | None = None,
    after: Callable[[], Awaitable[None]] | None = None,
) -> Iterator[Steps]:
    """Do something before or after the step of this number, the first being 0."""
    steps = Steps()
    with monkeypatch.context() as patch:
        for owner, name in _STEPS:
            patch.setattr(owner, name, _watched(getattr(owner, name), steps, number, before, after))
        yield steps


def _watched(step: Any, steps: Steps, number: int, before: Any, after: Any) -> Any:
    async def watched(*given: Any, **options: Any) -> Any:
        is_it = len(steps.done) == number
        steps.done.append(step.__name__)
        if is_it and before is not None:
            await before()
        result = await step(*given, **options)
        if is_it and after is not None:
            await after()
        return result

    return watched


async def die() -> None:
    raise CrashError
