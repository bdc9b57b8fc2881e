"""Changes how a shop is synced."""

from typing import Any

import msgspec
import strawberry

from gateway.graphql.context import Context
from gateway.graphql.describing import api_input, api_type
from gateway.graphql.enums import SyncStrategy, UserErrorCode
from gateway.graphql.mutations.asked_shop import asked_shop
from gateway.graphql.mutations.record_change import record_change
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.shop import Shop, shop_of
from gateway.graphql.types.user_error import UserError, user_error

_RANGES = {  # of what is a number: name, smallest, greatest
    "incremental_interval_minutes": ("incrementalIntervalMinutes", 0, 7 * 24 * 60),
    "reconcile_interval_days": ("reconcileIntervalDays", 0, 365),
    "archive_after_days": ("archiveAfterDays", 1, 36_500),
}
_NEVER_NULL = {"incremental_interval_minutes", "reconcile_interval_days"}


@api_input
class UpdateShopSettingsInput:
    """What to change; whatever is left out stays as it is."""

    shop: GivenDomain | None = strawberry.field(
        default=None, description="Which shop; the caller's own where it is left out."
    )
    incremental_interval_minutes: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Minutes between incremental syncs; 0 turns them off.",
    )
    reconcile_interval_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="Days between reconciliations; 0 turns them off."
    )
    preferred_strategy: SyncStrategy | None = strawberry.field(
        default=strawberry.UNSET,
        description="Which transport to prefer; null leaves it to the engine.",
    )
    archive_after_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Orders older than this many days move to the archive; null keeps all.",
    )


@api_type
class UpdateShopSettingsPayload:
    """What became of the request."""

    shop: Shop | None = strawberry.field(
        description="The shop with its new settings; null where there is a user error."
    )
    user_errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


def update_shop_settings_refusal(*errors: UserError) -> UpdateShopSettingsPayload:
    """Return the payload where nothing was changed."""
    return UpdateShopSettingsPayload(shop=None, user_errors=list(errors))


async def update_shop_settings(
    context: Context, wanted: UpdateShopSettingsInput
) -> UpdateShopSettingsPayload:
    """Change what is given, all of it or nothing; the timetable follows at once."""
    shop = await asked_shop(context, wanted.shop)
    if isinstance(shop, UserError):
        return update_shop_settings_refusal(shop)
    changes = {
        name: value
        for name in shop.settings.__struct_fields__
        if (value := getattr(wanted, name)) is not strawberry.UNSET
    }
    objections = [error for name, value in changes.items() if (error := _objection(name, value))]
    if objections:
        return update_shop_settings_refusal(*objections)
    settings = msgspec.structs.replace(shop.settings, **changes)
    changed = await context.engine.change_settings(shop.domain, settings)
    await record_change(
        context,
        "updateShopSettings",
        shop.domain,
        before={name: getattr(shop.settings, name) for name in changes},
        after=changes,
    )
    return UpdateShopSettingsPayload(
        shop=None if changed is None else shop_of(changed), user_errors=[]
    )


def _objection(name: str, value: Any) -> UserError | None:
    if name not in _RANGES:
        return None
    field, smallest, greatest = _RANGES[name]
    if value is None:
        if name not in _NEVER_NULL:
            return None
        return user_error(UserErrorCode.INVALID, "Leave it out, or give a number.", field)
    if smallest <= value <= greatest:
        return None
    message = f"Give a number from {smallest} to {greatest}."
    return user_error(UserErrorCode.INVALID, message, field)
