"""The root of queries."""

from typing import Annotated

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.enums import ViewerScope
from gateway.graphql.errors import BadUserInputError
from gateway.graphql.guarded import guarded_field, guarded_root
from gateway.graphql.inputs.shop_filter import ShopFilter
from gateway.graphql.paging import After, First
from gateway.graphql.permissions import AnyCaller, Requires
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.shop import Shop, ShopConnection, shop_list, shop_of
from gateway.graphql.types.sync_run import SyncRun, sync_run_of
from gateway.graphql.types.viewer import Viewer, viewer_of
from gateway.graphql.visible import read_domain, visible_run, visible_shop

_MAX_SEARCH_LENGTH = 255


@guarded_root
class Query:
    """What can be asked."""

    @guarded_field(AnyCaller())
    def viewer(self, info: Info) -> Viewer:
        """Who is asking and what it may do. Never fails for an authenticated caller."""
        return viewer_of(info.context.principal)

    @guarded_field(AnyCaller())
    async def shop(
        self,
        info: Info,
        domain: Annotated[
            GivenDomain | None,
            strawberry.argument(description="Which shop; the caller's own where it is left out."),
        ] = None,
    ) -> Shop | None:
        """One shop. Null where the caller may not see it: as if it did not exist."""
        wanted = None if domain is None else read_domain(domain)
        record = await visible_shop(info.context, wanted)
        return None if record is None else shop_of(record)

    @guarded_field(AnyCaller())
    def shops(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        wanted: Annotated[
            ShopFilter | None,
            strawberry.argument(name="filter", description="Which are wanted."),
        ] = None,
    ) -> ShopConnection:
        """The shops that the caller may see: all of them for an operator, its own for a shop."""
        principal = info.context.principal
        return shop_list(
            info.context.engine.store.shops,
            first=first,
            after=after,
            only=None if principal.is_operator else principal.shop,
            statuses=None if wanted is None else wanted.status,
            search=None if wanted is None else _checked_search(wanted.search),
        )

    @guarded_field(Requires(ViewerScope.READ_SYNC))
    async def sync_run(
        self,
        info: Info,
        run_id: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="The id of the run.")
        ],
    ) -> SyncRun | None:
        """One run; null where there is none of that id. Needs READ_SYNC."""
        record = await visible_run(info.context, run_id)
        return None if record is None else sync_run_of(record)


def _checked_search(search: str | None) -> str | None:
    if search is not None and (len(search) > _MAX_SEARCH_LENGTH or "\0" in search):
        message = (
            f"filter.search: must be {_MAX_SEARCH_LENGTH} characters at most, none of them NUL."
        )
        raise BadUserInputError(message)
    return search
