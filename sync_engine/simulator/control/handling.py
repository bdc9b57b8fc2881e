"""How control requests are read and refused."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sync_engine.simulator.endpoints.bodies import JsonResponse
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", "testclient"})

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class ControlError(Exception):
    """A control request that makes no sense.

    Attributes:
        status: 400, or 404 for things that do not exist.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def guarded(handler: Handler) -> Handler:
    """The handler for callers on this machine, with mistakes answered as JSON."""

    async def handle(request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return JsonResponse({"error": "only for this machine"}, 403)
        try:
            return await handler(request)
        except ControlError as error:
            return JsonResponse({"error": str(error)}, error.status)

    return handle


async def read_body(request: Request, type_: type[T]) -> T:
    """The JSON body as a value of a type; an empty body counts as `{}`.

    Raises:
        ControlError: It does not fit the type.
    """
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=type_)
    except msgspec.MsgspecError as error:
        raise ControlError(str(error)) from error


def find_shop(simulation: Simulation, request: Request) -> ShopState:
    """The shop that the path names, by domain or by name.

    Raises:
        ControlError: There is none.
    """
    name = request.path_params["shop"]
    domain = name if "." in name else f"{name}.myshopify.com"
    state = simulation.shops.get(domain)
    if state is None:
        message = f"no shop {domain}"
        raise ControlError(message, 404)
    return state


def answer(value: Any, status: int = 200) -> Response:
    """JSON of a value; msgspec values become objects."""
    return JsonResponse(msgspec.to_builtins(value, builtin_types=(bytes,)), status)
