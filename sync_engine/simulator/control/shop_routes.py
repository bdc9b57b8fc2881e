"""Control of one shop: its plan and standing, tokens, operations, edits."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_engine.simulator.buckets import PLANS
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

STANDINGS = ("open", "frozen", "locked", "inactive", "closed")


class _Spec(Struct, forbid_unknown_fields=True):
    spec: str


class _Points(Struct, forbid_unknown_fields=True):
    maximum: float | None = None
    restore_rate: float | None = None
    available: float | None = None


class _Calls(Struct, forbid_unknown_fields=True):
    maximum: int | None = None
    leak_rate: float | None = None
    level: float | None = None


class _Change(Struct, forbid_unknown_fields=True):
    plan: str | UnsetType = UNSET
    standing: str | UnsetType = UNSET
    granted_scopes: list[str] | UnsetType | None = UNSET
    is_bulk_disabled: bool | UnsetType = UNSET
    is_rest_retired: bool | UnsetType = UNSET
    bulk_seconds: float | UnsetType | None = UNSET
    cancel_seconds: float | UnsetType = UNSET
    points: _Points | UnsetType = UNSET
    calls: _Calls | UnsetType = UNSET


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
        change = await read_body(request, _Change)
        self._check(change)
        now = self._simulation.clock.now()
        if change.plan is not UNSET:
            state.set_limits(PLANS[change.plan], now)
        if change.standing is not UNSET:
            state.standing = change.standing
        if change.granted_scopes is not UNSET:
            scopes = change.granted_scopes
            state.granted_scopes = None if scopes is None else frozenset(scopes)
        if change.is_bulk_disabled is not UNSET:
            state.operations.is_disabled = change.is_bulk_disabled
        if change.is_rest_retired is not UNSET:
            state.is_rest_retired = change.is_rest_retired
        pace = state.operations.pace
        if change.bulk_seconds is not UNSET:
            pace = structs.replace(pace, run_seconds=change.bulk_seconds)
        if change.cancel_seconds is not UNSET:
            pace = structs.replace(pace, cancel_seconds=change.cancel_seconds)
        state.operations.pace = pace
        if change.points is not UNSET:
            points = change.points
            state.adjust_points(points.maximum, points.restore_rate, points.available, now)
        if change.calls is not UNSET:
            calls = change.calls
            state.adjust_calls(calls.maximum, calls.leak_rate, calls.level, now)
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

    def _check(self, change: _Change) -> None:
        if change.plan is not UNSET and change.plan not in PLANS:
            message = f"plan {change.plan!r} is not one of {', '.join(PLANS)}"
            raise ControlError(message)
        if change.standing is not UNSET and change.standing not in STANDINGS:
            message = f"standing {change.standing!r} is not one of {', '.join(STANDINGS)}"
            raise ControlError(message)

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
