"""``echosignal doctor``: says what is set, what can be reached, and what to do about the rest."""

from collections.abc import Awaitable, Callable

import httpx
from rich.console import Console
from rich.table import Table

from config.settings import ArchiveSettings, Settings, setting_values
from gateway.cli.running import CommandError
from sync_engine.model.errors import SyncError
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.embedded.binary import find_mongod
from sync_engine.store.vault import InvalidKeyError, Vault

_TIMEOUT_SECONDS = 5.0
_SHORT_TOKEN = 16

Finding = str


class _ProblemError(Exception):
    """A check found something that has to be mended."""


async def examine(settings: Settings, console: Console) -> None:
    """Print the effective settings without secrets, then check each dependency.

    Raises:
        CommandError: a check failed.
    """
    values = Table("setting", "value", title="Settings")
    for name, value in setting_values(settings):
        values.add_row(name, value)
    console.print(values)
    checks: list[tuple[str, Callable[[Settings], Awaitable[Finding]]]] = [
        ("encryption keys", _check_keys),
        ("MongoDB", _check_mongodb),
        ("Shopify", _check_shopify),
        ("archive", _check_archive),
        ("API access", _check_access),
    ]
    failures = 0
    for name, check in checks:
        try:
            console.print(f"[green]ok[/green]   {name}: {await check(settings)}")
        except _ProblemError as problem:
            failures += 1
            console.print(f"[red]bad[/red]  {name}: {problem}")
    if failures:
        raise CommandError(f"{failures} of {len(checks)} checks failed")


async def _check_keys(settings: Settings) -> Finding:
    if not settings.encryption_keys:
        raise _ProblemError("set ECHOSIGNAL_ENCRYPTION_KEYS (echosignal demo needs none)")
    try:
        Vault([key.get_secret_value() for key in settings.encryption_keys])
    except InvalidKeyError as error:
        raise _ProblemError(str(error)) from error
    return f"{len(settings.encryption_keys)} usable"


async def _check_mongodb(settings: Settings) -> Finding:
    alone = settings.model_copy(update={"archive": ArchiveSettings()})
    try:
        async with open_engine(alone, duty=Duty.NONE) as engine:
            await engine.store.ping()
            shops = await engine.store.shops.count()
        where = f"embedded, {find_mongod()}" if settings.mongodb.uri is None else "as set"
    except (SyncError, InvalidKeyError) as error:
        raise _ProblemError(str(error)) from error
    return f"answers ({where}), {shops} shops"


async def _check_shopify(settings: Settings) -> Finding:
    url = settings.shopify.base_url.replace("{shop}", "shopify.myshopify.com")
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            response = await client.get(url)
    except httpx.HTTPError as error:
        raise _ProblemError(f"{url} cannot be reached ({type(error).__name__})") from error
    return f"{url} answers with HTTP {response.status_code}"


async def _check_archive(settings: Settings) -> Finding:
    if settings.archive.url is None:
        return "none: every order stays in MongoDB"
    try:
        async with open_engine(settings, duty=Duty.NONE) as engine:
            if engine.archive is not None:
                await engine.archive.probe()
    except (SyncError, InvalidKeyError) as error:
        raise _ProblemError(str(error)) from error
    return f"{settings.archive.url} can be written"


async def _check_access(settings: Settings) -> Finding:
    if not settings.shopify.api_key or not settings.shopify.api_secret:
        raise _ProblemError(
            "set ECHOSIGNAL_SHOPIFY_API_KEY and ECHOSIGNAL_SHOPIFY_API_SECRET to serve installs"
        )
    token = settings.operator_token
    if token is None:
        raise _ProblemError("set ECHOSIGNAL_OPERATOR_TOKEN to serve the API")
    if len(token) < _SHORT_TOKEN:
        raise _ProblemError("ECHOSIGNAL_OPERATOR_TOKEN is short: make it long and random")
    return "app credentials and operator token are set"
