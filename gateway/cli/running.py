"""Runs a command's coroutine: Ctrl-C stops it cleanly, what went wrong is said in one line."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import NoReturn

import typer
from rich.console import Console

from config.settings import Settings, SettingsError, load_settings, secret_values
from config.telemetry import configure_log
from gateway.serving import AddressInUseError
from sync_engine.model.errors import SyncError
from sync_engine.model.shop_domain import InvalidShopDomainError
from sync_engine.store.vault import InvalidKeyError

INTERRUPTED = 130

_SWITCH_SECONDS = 0.0002
_OBJECTS_BETWEEN_COLLECTIONS = 50_000

errors = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandError(Exception):
    """A command cannot do what was asked; the text says what to do."""


def fail(sentence: str) -> NoReturn:
    """Say what is wrong and exit with 1."""
    errors.print(f"[red]error:[/red] {sentence}")
    raise typer.Exit(1)


def settings_or_fail(*, is_quiet: bool = True, **given: object) -> Settings:
    """Load the settings and set the log up; what is wrong with them is said line by line.

    A quiet command, one that prints results of its own, logs nothing below warnings, unless the
    level is DEBUG.
    """
    try:
        settings = load_settings(**given)
    except SettingsError as error:
        fail(str(error).replace("\n", "\n       "))
    level = settings.log.level
    if is_quiet and level == "INFO":
        level = "WARNING"
    configure_log(log_format=settings.log.format, level=level, secrets=secret_values(settings))
    return settings


def run_command(work: Coroutine[None, None, None]) -> None:
    """Run a command to its end, or until Ctrl-C or a request to terminate.

    Exits with 1 after an error and with 130 after an interruption.
    """
    tune_interpreter()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_until_signalled(work))
    except asyncio.CancelledError:
        raise typer.Exit(INTERRUPTED) from None
    except (
        SyncError,
        CommandError,
        InvalidShopDomainError,
        InvalidKeyError,
        AddressInUseError,
    ) as error:
        fail(str(error))


def tune_interpreter() -> None:
    """Set the interpreter up for a process that maps records by the hundred thousand.

    Threads speak with MongoDB for the event loop and should not wait long for their turn. Batches
    are many small objects without cycles, which the collector would walk again and again.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - it exists on the other platforms only

    return uvloop.new_event_loop


async def _until_signalled(work: Coroutine[None, None, None]) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are inside it
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
    await work
