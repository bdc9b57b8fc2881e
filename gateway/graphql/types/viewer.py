"""Who is asking."""

import strawberry

from gateway.access.principal import Principal
from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.enums import PrincipalKind, ViewerScope
from gateway.graphql.types.shop import Shop, shop_of
from gateway.graphql.visible import visible_shop


@api_type
class Viewer:
    """The caller, and what it may do."""

    kind: PrincipalKind = strawberry.field(description="What sort of caller it is.")
    scopes: list[ViewerScope] = strawberry.field(description="What the caller may do.")

    @strawberry.field
    async def shop(self, info: Info) -> Shop | None:
        """The caller's own shop; null for an operator."""
        record = await visible_shop(info.context, None)
        return None if record is None else shop_of(record)


def viewer_of(principal: Principal) -> Viewer:
    """Return the caller as the API shows it."""
    return Viewer(
        kind=principal.kind,
        scopes=[scope for scope in ViewerScope if principal.has(scope)],
    )
