"""What every Admin request passes: the fault rules, the shop's standing, the token."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from sync_engine.simulator.endpoints.bodies import status_response
from sync_engine.simulator.endpoints.recording import request_trace
from sync_engine.simulator.faults.actions import (
    Action,
    Bucket,
    ExpireToken,
    Respond,
    RevokeToken,
    Status,
    Throttle,
)
from sync_engine.simulator.faults.rules import RequestMarks
from sync_engine.simulator.oauth.tokens import AccessToken
from sync_engine.simulator.request_log import RequestRecord
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation

TOKEN_HEADER = "X-Shopify-Access-Token"  # noqa: S105 - a header's name

# `inactive` shops answer 200 with an error, which is the GraphQL endpoint's business.
_STATUSES = {"frozen": 402, "locked": 423, "closed": 404, "fraudulent": 403, "rejected": 430}

STANDINGS = ("open", "inactive", *_STATUSES)


class Admission(Struct, frozen=True, kw_only=True):
    """A request that may go on."""

    state: ShopState
    token: AccessToken
    record: RequestRecord


def open_record(
    simulation: Simulation, request: Request, *, shop: str, kind: str, operation: str
) -> RequestRecord:
    """Tell the log what this request is."""
    record = RequestRecord(
        at=simulation.clock.now(),
        shop=shop,
        kind=kind,
        method=request.method,
        path=request.url.path,
        operation=operation,
    )
    request_trace(request.scope).record = record
    return record


def struck(
    simulation: Simulation, record: RequestRecord, text: str
) -> tuple[Action | None, Response | None]:
    """The fault that hits a request, and the answer it gives in place of the real one, if any."""
    action = simulation.faults.strike(RequestMarks(record.shop, record.kind, text))
    if action is None:
        return None, None
    record.fault = type(action).__struct_config__.tag  # type: ignore[assignment]
    match action:
        case Status(status=status):
            return action, status_response(status)
        case Respond(body=body, status=status, headers=headers):
            kind = {"content-type": "application/json; charset=utf-8"}
            return action, Response(body.encode(), status, {**kind, **headers})
        case Throttle(retry_after=seconds) if record.kind in {"rest", "oauth", "download"}:
            record.is_throttled = True
            return action, status_response(429, {"Retry-After": str(seconds)})
        case _:
            return action, None


def admitted(
    simulation: Simulation, request: Request, record: RequestRecord, action: Action | None
) -> Admission | Response:
    """Check standing and token; the answer if the request may not go on."""
    state = simulation.shops.get(record.shop)
    if state is None:
        return status_response(404)
    if state.redirect_to is not None:
        path = request.url.path.removeprefix(f"/{record.shop}")
        base = str(request.base_url).rstrip("/")
        return status_response(301, {"Location": f"{base}/{state.redirect_to}{path}"})
    if state.standing in _STATUSES:
        return status_response(_STATUSES[state.standing])
    now = simulation.clock.now()
    token = simulation.tokens.find(request.headers.get(TOKEN_HEADER, ""), record.shop, now)
    if token is not None and isinstance(action, RevokeToken):
        simulation.tokens.revoke(record.shop, now, app=token.app)
        token = None
    if token is not None and isinstance(action, ExpireToken):
        token.expires = now
        token = None
    if token is None:
        return status_response(401)
    record.app = token.app
    if isinstance(action, Bucket):
        bucket = state.points(token.app, now)
        maximum = bucket.maximum if action.maximum is None else action.maximum
        rate = bucket.restore_rate if action.restore_rate is None else action.restore_rate
        bucket.resize(maximum, rate, now)
        if action.available is not None:
            bucket.set_level(action.available, now)
    return Admission(state=state, token=token, record=record)
