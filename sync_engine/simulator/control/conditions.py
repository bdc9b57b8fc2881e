"""What can be changed of a shop: its plan, its standing, what it lets the app do."""

from msgspec import UNSET, Struct, UnsetType, structs

from sync_engine.simulator.buckets import PLANS
from sync_engine.simulator.control.handling import ControlError
from sync_engine.simulator.endpoints.admission import STANDINGS
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation
from sync_engine.simulator.webhooks.protection import FIELDS, Approval


class Points(Struct, forbid_unknown_fields=True):
    """Of a GraphQL bucket."""

    maximum: float | None = None
    restore_rate: float | None = None
    available: float | None = None


class Calls(Struct, forbid_unknown_fields=True):
    """Of a REST bucket."""

    maximum: int | None = None
    leak_rate: float | None = None
    level: float | None = None


class ShopChange(Struct, forbid_unknown_fields=True):
    """Any of these; what is left out stays."""

    plan: str | UnsetType = UNSET
    standing: str | UnsetType = UNSET
    granted_scopes: list[str] | UnsetType | None = UNSET
    is_bulk_disabled: bool | UnsetType = UNSET
    is_rest_retired: bool | UnsetType = UNSET
    bulk_seconds: float | UnsetType | None = UNSET
    cancel_seconds: float | UnsetType = UNSET
    points: Points | UnsetType = UNSET
    calls: Calls | UnsetType = UNSET
    search_lag_seconds: float | UnsetType = UNSET
    paging_limit: int | UnsetType | None = UNSET
    redirect_to: str | UnsetType | None = UNSET
    answers_as: str | UnsetType | None = UNSET
    approval: Approval | UnsetType = UNSET


def change_shop(simulation: Simulation, state: ShopState, change: ShopChange) -> None:
    """Change a shop.

    Raises:
        ControlError: Something that there is not.
    """
    _check(change)
    now = simulation.clock.now()
    if change.plan is not UNSET:
        state.set_limits(PLANS[change.plan], now)
    if change.points is not UNSET:
        points = change.points
        state.adjust_points(points.maximum, points.restore_rate, points.available, now)
    if change.calls is not UNSET:
        calls = change.calls
        state.adjust_calls(calls.maximum, calls.leak_rate, calls.level, now)
    if change.search_lag_seconds is not UNSET:
        state.lag_searches(simulation.clock.now, change.search_lag_seconds)
    if change.granted_scopes is not UNSET:
        scopes = change.granted_scopes
        state.granted_scopes = None if scopes is None else frozenset(scopes)
    if change.answers_as is not UNSET:
        domain = change.answers_as or state.spec.domain
        state.shop.profile = structs.replace(state.shop.profile, domain=domain)
    _change_bulk(state, change)
    for name in ("standing", "is_rest_retired", "paging_limit", "redirect_to", "approval"):
        value = getattr(change, name)
        if value is not UNSET:
            setattr(state, name, value)


def _change_bulk(state: ShopState, change: ShopChange) -> None:
    operations = state.operations
    if change.is_bulk_disabled is not UNSET:
        operations.is_disabled = change.is_bulk_disabled
    pace = operations.pace
    if change.bulk_seconds is not UNSET:
        pace = structs.replace(pace, run_seconds=change.bulk_seconds)
    if change.cancel_seconds is not UNSET:
        pace = structs.replace(pace, cancel_seconds=change.cancel_seconds)
    operations.pace = pace


def _check(change: ShopChange) -> None:
    if change.plan is not UNSET and change.plan not in PLANS:
        message = f"plan {change.plan!r} is not one of {', '.join(PLANS)}"
        raise ControlError(message)
    if change.standing is not UNSET and change.standing not in STANDINGS:
        message = f"standing {change.standing!r} is not one of {', '.join(STANDINGS)}"
        raise ControlError(message)
    if change.approval is not UNSET and not change.approval.fields <= FIELDS:
        message = f"fields are {', '.join(sorted(FIELDS))}"
        raise ControlError(message)
