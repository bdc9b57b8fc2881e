"""Notes in the audit what was changed from the command line, and by which user of the machine."""

import getpass
from typing import Any

from sync_engine.engine import Engine
from sync_engine.model.shop_domain import ShopDomain


async def record_command(engine: Engine, what: str, shop: ShopDomain, **details: Any) -> None:
    """Note what a command has changed; ``details`` are ids and settings, never names or secrets."""
    await engine.record(what, shop, who=f"command line {_user()}", details=details)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return "unknown"
