"""Runs things side by side and fails like one of them, not like a group."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import NoReturn, TypeVar

T = TypeVar("T")


async def together(work: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """Await all of the work and return its results in order.

    The first failure cancels the rest and is raised as it is, so that callers can catch it by its
    class.
    """
    tasks: list[asyncio.Task[T]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks.extend(group.create_task(each) for each in work)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def while_watching(
    work: Coroutine[None, None, T], watch: Coroutine[None, None, NoReturn]
) -> T:
    """Await the work and return its result; a failure of the watch ends the work and is raised."""
    working, watching = asyncio.create_task(work), asyncio.create_task(watch)
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.wait({working, watching})
    if working.done() and not working.cancelled():
        return working.result()
    return watching.result()
