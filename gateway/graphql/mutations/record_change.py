"""Notes in the audit what a mutation has changed; every mutation that succeeds calls this."""

from typing import Any

from gateway.graphql.context import Context
from sync_engine.model.shop_domain import ShopDomain


async def record_change(context: Context, what: str, shop: ShopDomain, **details: Any) -> None:
    """Note who has changed what; ``details`` are ids and settings, never names or secrets.

    Raises:
        StoreUnavailableError: it is not noted; what was changed stays changed.
    """
    await context.engine.record(
        what,
        shop,
        who=context.principal.name,
        correlation_id=context.correlation_id,
        details=details,
    )
