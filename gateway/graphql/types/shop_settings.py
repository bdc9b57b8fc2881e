"""What a merchant has set for a shop."""

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.enums import SyncStrategy
from sync_engine.model import shop


@api_type
class ShopSettings:
    """How a shop wants to be synced."""

    incremental_interval_minutes: int = strawberry.field(
        description="Minutes between incremental syncs; 0 turns them off."
    )
    reconcile_interval_days: int = strawberry.field(
        description="Days between reconciliations, which find what was deleted unseen; 0 turns "
        "them off."
    )
    preferred_strategy: SyncStrategy | None = strawberry.field(
        description="Which transport to prefer; the engine falls back along BULK, GRAPHQL, REST "
        "by itself."
    )
    archive_after_days: int | None = strawberry.field(
        description="Orders older than this many days move to the archive; null keeps all."
    )


def shop_settings_of(record: shop.ShopSettings) -> ShopSettings:
    """Return stored settings as the API shows them."""
    return ShopSettings(
        incremental_interval_minutes=record.incremental_interval_minutes,
        reconcile_interval_days=record.reconcile_interval_days,
        preferred_strategy=record.preferred_strategy,
        archive_after_days=record.archive_after_days,
    )
