"""Connects a shop by an access token, without OAuth."""

import re

import strawberry

from gateway.graphql.context import Context
from gateway.graphql.describing import api_input, api_type
from gateway.graphql.enums import SyncMode, SyncTrigger, UserErrorCode
from gateway.graphql.errors import BadUserInputError
from gateway.graphql.mutations.record_change import record_change
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.shop import Shop, shop_of
from gateway.graphql.types.sync_run import SyncRun, sync_run_of
from gateway.graphql.types.user_error import UserError, user_error
from gateway.graphql.visible import read_domain
from sync_engine.model import shop
from sync_engine.model.errors import (
    RetryableError,
    ScopeMissingError,
    ShopBlockedError,
    TokenRevokedError,
)

_SENDABLE_TOKEN = re.compile(r"[!-~]{1,255}")  # what can stand in an HTTP header


@api_input
class ConnectShopInput:
    """Which shop to connect, and the token to do it with."""

    domain: GivenDomain = strawberry.field(description="The shop's permanent domain.")
    access_token: str = strawberry.field(
        description="An Admin API access token of a custom app in that shop."
    )
    start_sync: bool = strawberry.field(
        default=True, description="Whether to read everything at once."
    )


@api_type
class ConnectShopPayload:
    """What became of the request."""

    shop: Shop | None = strawberry.field(
        description="The connected shop; null where there is a user error."
    )
    run: SyncRun | None = strawberry.field(
        description="The sync that was started, or was under way; null where none was asked for."
    )
    user_errors: list[UserError] = strawberry.field(description="Why the shop was not connected.")


def connect_shop_refusal(error: UserError) -> ConnectShopPayload:
    """Return the payload where no shop was connected."""
    return ConnectShopPayload(shop=None, run=None, user_errors=[error])


async def connect_shop(context: Context, wanted: ConnectShopInput) -> ConnectShopPayload:
    """Ask Shopify about the token, store the shop, and start its first sync if that is wanted."""
    connected = await _connected(context, wanted)
    if isinstance(connected, UserError):
        return connect_shop_refusal(connected)
    run = None
    if wanted.start_sync:
        run, _ = await context.engine.start_sync(
            connected.domain, mode=SyncMode.INITIAL, trigger=SyncTrigger.MANUAL
        )
    run_id = None if run is None else run.id
    await record_change(context, "connectShop", connected.domain, run_id=run_id)
    return ConnectShopPayload(
        shop=shop_of(connected), run=None if run is None else sync_run_of(run), user_errors=[]
    )


async def _connected(context: Context, wanted: ConnectShopInput) -> shop.Shop | UserError:
    try:
        domain = read_domain(wanted.domain)
    except BadUserInputError as error:
        return user_error(UserErrorCode.INVALID, error.message, "domain")
    token = wanted.access_token.strip()
    if not _SENDABLE_TOKEN.fullmatch(token):
        message = "This is not an access token: it starts with shpat_ and has no spaces."
        return user_error(UserErrorCode.INVALID, message, "accessToken")
    try:
        return await context.engine.connect(domain, shop.AccessGrant(access_token=token))
    except (TokenRevokedError, ScopeMissingError) as error:
        return user_error(UserErrorCode.SHOPIFY_REFUSED, f"{error}.", "accessToken")
    except ShopBlockedError as error:
        return user_error(UserErrorCode.SHOPIFY_REFUSED, f"{error}.", "domain")
    except RetryableError as error:
        return user_error(UserErrorCode.UNAVAILABLE, f"{error}.")
