"""Control that makes webhooks go out which no edit of a record causes."""

from msgspec import Struct, structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_engine.simulator.control.handling import (
    ControlError,
    answer,
    find_shop,
    guarded,
    read_body,
)
from sync_engine.simulator.events import ShopEvent
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.installation import announce, change_scopes
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation
from sync_engine.simulator.webhooks.compliance import compliance_detail
from sync_engine.simulator.webhooks.topics import COMPLIANCE_TOPICS

_RESOURCES = {"customers": "customer", "orders": "order", "products": "product"}


class _Fire(Struct, forbid_unknown_fields=True):
    topic: str
    id: int | None = None


class _Scopes(Struct, forbid_unknown_fields=True):
    scopes: list[str]
    app: str | None = None


class _Profile(Struct, forbid_unknown_fields=True):
    name: str | None = None
    email: str | None = None
    plan: str | None = None


class FiringControl:
    """Handlers for `/_control/shops/{shop}/webhooks/fire`, `scopes` and `profile`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Where the handlers are mounted."""
        one = "/_control/shops/{shop}"
        return [
            Route(f"{one}/webhooks/fire", guarded(self._fire), methods=["POST"]),
            Route(f"{one}/scopes", guarded(self._scopes), methods=["POST"]),
            Route(f"{one}/profile", guarded(self._profile), methods=["POST"]),
        ]

    async def _fire(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        asked = await read_body(request, _Fire)
        if asked.topic in COMPLIANCE_TOPICS:
            try:
                detail = compliance_detail(asked.topic, state.shop, asked.id)
            except LookupError as error:
                raise ControlError(str(error)) from error
            announce(self._simulation, state, asked.topic, detail=detail)
        else:
            self._repeat(state, asked)
        return answer({"topic": asked.topic})

    async def _scopes(self, request: Request) -> Response:
        simulation = self._simulation
        state = find_shop(simulation, request)
        asked = await read_body(request, _Scopes)
        app = simulation.app.client_id if asked.app is None else asked.app
        change_scopes(simulation, state, app, asked.scopes)
        return answer({"app": app, "scopes": sorted(asked.scopes)})

    async def _profile(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        given = structs.asdict(await read_body(request, _Profile))
        changes = {name: value for name, value in given.items() if value is not None}
        shop, now = state.shop, int(self._simulation.clock.now())
        shop.profile = structs.replace(shop.profile, **changes, updated_at=utc(now))
        announce(self._simulation, state, "shop/update")
        return answer({"name": shop.profile.name, "updated_at": shop.profile.updated_at})

    def _repeat(self, state: ShopState, asked: _Fire) -> None:
        """Tell of a record in which nothing has changed, as Shopify does now and then."""
        family, _, verb = asked.topic.partition("/")
        resource = _RESOURCES.get(family)
        if asked.topic == "refunds/create":
            resource = "refund"
        if resource is None or not verb or asked.id is None:
            message = f"topic {asked.topic!r} cannot be fired with id {asked.id!r}"
            raise ControlError(message)
        now = int(self._simulation.clock.now())
        event = ShopEvent(topic=asked.topic, resource=resource, id=asked.id, at=now)
        state.events.announce(event)
        state.events.commit()
