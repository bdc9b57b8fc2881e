"""The root of mutations. Each takes one input; an expected failure is data, never an error."""

from typing import Annotated, TypeAlias

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.enums import ViewerScope
from gateway.graphql.guarded import guarded_field, guarded_root
from gateway.graphql.mutations.cancel_sync import (
    CancelSyncInput,
    CancelSyncPayload,
    cancel_sync,
    cancel_sync_refusal,
)
from gateway.graphql.mutations.connect_shop import (
    ConnectShopInput,
    ConnectShopPayload,
    connect_shop,
    connect_shop_refusal,
)
from gateway.graphql.mutations.disconnect_shop import (
    DisconnectShopInput,
    DisconnectShopPayload,
    disconnect_shop,
    disconnect_shop_refusal,
)
from gateway.graphql.mutations.retry_sync_errors import (
    RetrySyncErrorsInput,
    RetrySyncErrorsPayload,
    retry_sync_errors,
    retry_sync_errors_refusal,
)
from gateway.graphql.mutations.start_sync import (
    StartSyncInput,
    StartSyncPayload,
    start_sync,
    start_sync_refusal,
)
from gateway.graphql.mutations.update_shop_settings import (
    UpdateShopSettingsInput,
    UpdateShopSettingsPayload,
    update_shop_settings,
    update_shop_settings_refusal,
)
from gateway.graphql.permissions import MutationRequires

_StartSync: TypeAlias = Annotated[
    StartSyncInput, strawberry.argument(name="input", description="What to sync.")
]
_CancelSync: TypeAlias = Annotated[
    CancelSyncInput, strawberry.argument(name="input", description="Which run to stop.")
]
_ConnectShop: TypeAlias = Annotated[
    ConnectShopInput, strawberry.argument(name="input", description="Which shop to connect.")
]
_DisconnectShop: TypeAlias = Annotated[
    DisconnectShopInput, strawberry.argument(name="input", description="Which shop to let go.")
]
_RetrySyncErrors: TypeAlias = Annotated[
    RetrySyncErrorsInput, strawberry.argument(name="input", description="Which errors.")
]
_UpdateShopSettings: TypeAlias = Annotated[
    UpdateShopSettingsInput, strawberry.argument(name="input", description="What to change.")
]


@guarded_root
class Mutation:
    """What can be changed."""

    @guarded_field(MutationRequires(ViewerScope.WRITE_SYNC, start_sync_refusal))
    async def start_sync(self, info: Info, wanted: _StartSync) -> StartSyncPayload:
        """Starts a sync, or returns the one already under way for that shop with created: false."""
        return await start_sync(info.context, wanted)

    @guarded_field(MutationRequires(ViewerScope.WRITE_SYNC, cancel_sync_refusal))
    async def cancel_sync(self, info: Info, wanted: _CancelSync) -> CancelSyncPayload:
        """Asks a run to stop. What was stored stays."""
        return await cancel_sync(info.context, wanted.run_id)

    @guarded_field(
        MutationRequires(ViewerScope.MANAGE_SHOPS, connect_shop_refusal, is_for_operators=True)
    )
    async def connect_shop(self, info: Info, wanted: _ConnectShop) -> ConnectShopPayload:
        """Operator only: connects a shop by an access token of a custom app, without OAuth."""
        return await connect_shop(info.context, wanted)

    @guarded_field(MutationRequires(ViewerScope.MANAGE_SHOPS, disconnect_shop_refusal))
    async def disconnect_shop(self, info: Info, wanted: _DisconnectShop) -> DisconnectShopPayload:
        """Stops all work for a shop and forgets its tokens; its data is kept until purged."""
        return await disconnect_shop(info.context, wanted)

    @guarded_field(MutationRequires(ViewerScope.WRITE_SETTINGS, update_shop_settings_refusal))
    async def update_shop_settings(
        self, info: Info, wanted: _UpdateShopSettings
    ) -> UpdateShopSettingsPayload:
        """Changes how a shop is synced."""
        return await update_shop_settings(info.context, wanted)

    @guarded_field(MutationRequires(ViewerScope.WRITE_SYNC, retry_sync_errors_refusal))
    async def retry_sync_errors(
        self, info: Info, wanted: _RetrySyncErrors
    ) -> RetrySyncErrorsPayload:
        """Applies quarantined records again after their cause was mended."""
        return await retry_sync_errors(info.context, wanted)
