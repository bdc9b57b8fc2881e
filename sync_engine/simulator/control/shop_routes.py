"""Control of one shop: its plan and standing, tokens, operations, edits."""

from typing import Any

from msgspec import Struct, structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_engine.simulator.control.conditions import ShopChange, change_shop
from sync_engine.simulator.control.handling import (
    ControlError,
    answer,
    find_shop,
    guarded,
    read_body,
)
from sync_engine.simulator.edits.apply import apply_edit
from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.requests import Edits
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.gids import gid
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation
from sync_engine.simulator.spec import ShopSpec, SpecError


class _Spec(Struct, forbid_unknown_fields=True):
    spec: str


class ShopControl:
    """Handlers for `/_control/shops`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Where the handlers are mounted."""
        one = "/_control/shops/{shop}"
        return [
            Route("/_control/shops", guarded(self._list), methods=["GET"]),
            Route("/_control/shops", guarded(self._open), methods=["POST"]),
            Route(one, guarded(self._show), methods=["GET"]),
            Route(one, guarded(self._change), methods=["POST"]),
            Route(f"{one}/operations", guarded(self._operations), methods=["GET"]),
            Route(f"{one}/events", guarded(self._events), methods=["GET"]),
            Route(f"{one}/edits", guarded(self._edit), methods=["POST"]),
        ]

    async def _list(self, _request: Request) -> Response:
        return answer([self._summary(state) for state in self._simulation.shops.values()])

    async def _open(self, request: Request) -> Response:
        asked = await read_body(request, _Spec)
        try:
            spec = ShopSpec.parse(asked.spec)
        except SpecError as error:
            raise ControlError(str(error)) from error
        return answer(self._summary(self._simulation.add_shop(spec)), 201)

    async def _show(self, request: Request) -> Response:
        return answer(self._summary(find_shop(self._simulation, request)))

    async def _change(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        change_shop(self._simulation, state, await read_body(request, ShopChange))
        return answer(self._summary(state))

    async def _operations(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        now = self._simulation.clock.now()
        return answer(
            [
                {**structs.asdict(snapshot), "gid": gid("BulkOperation", snapshot.id)}
                for snapshot in state.operations.snapshots(None, now)
            ]
        )

    async def _events(self, request: Request) -> Response:
        return answer(find_shop(self._simulation, request).events.past)

    async def _edit(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        asked = await read_body(request, Edits)
        book = ShopBook(state.shop, state.events, int(self._simulation.clock.now()))
        try:
            return answer({"applied": [apply_edit(book, edit) for edit in asked.edits]})
        except EditError as error:
            raise ControlError(str(error)) from error

    def _summary(self, state: ShopState) -> dict[str, Any]:
        now = self._simulation.clock.now()
        shop = state.shop
        return {
            "domain": state.spec.domain,
            "standing": state.standing,
            "granted_scopes": None
            if state.granted_scopes is None
            else sorted(state.granted_scopes),
            "is_bulk_disabled": state.operations.is_disabled,
            "is_rest_retired": state.is_rest_retired,
            "customers": len(shop.customer_set),
            "products": len(shop.product_set),
            "orders": len(shop.order_set),
            "points": state.points_report(now),
            "calls": state.calls_report(now),
            "now": utc(int(now)),
        }
