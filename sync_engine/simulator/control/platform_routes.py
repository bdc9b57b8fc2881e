"""Control of what all shops share: clock, faults, log, reset."""

from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_engine.simulator.control.handling import ControlError, answer, guarded, read_body
from sync_engine.simulator.faults.rules import KINDS, FaultRule
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.simulation import Simulation


class _Advance(Struct, forbid_unknown_fields=True):
    advance_seconds: float


class PlatformControl:
    """Handlers for `/_control/clock`, `reset`, `faults`, `log` and `counters`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Where the handlers are mounted."""
        return [
            Route("/_control/clock", guarded(self._clock), methods=["GET"]),
            Route("/_control/clock", guarded(self._advance), methods=["POST"]),
            Route("/_control/reset", guarded(self._reset), methods=["POST"]),
            Route("/_control/faults", guarded(self._faults), methods=["GET"]),
            Route("/_control/faults", guarded(self._arm), methods=["POST"]),
            Route("/_control/faults", guarded(self._disarm_all), methods=["DELETE"]),
            Route("/_control/faults/{id:int}", guarded(self._disarm), methods=["DELETE"]),
            Route("/_control/log", guarded(self._log), methods=["GET"]),
            Route("/_control/log", guarded(self._clear_log), methods=["DELETE"]),
            Route("/_control/counters", guarded(self._counters), methods=["GET"]),
        ]

    async def _clock(self, _request: Request) -> Response:
        return answer(self._time())

    async def _advance(self, request: Request) -> Response:
        asked = await read_body(request, _Advance)
        try:
            self._simulation.clock.advance(asked.advance_seconds)
        except ValueError as error:
            raise ControlError(str(error)) from error
        return answer(self._time())

    async def _reset(self, _request: Request) -> Response:
        self._simulation.reset()
        return answer({})

    async def _faults(self, _request: Request) -> Response:
        return answer(self._simulation.faults.report())

    async def _arm(self, request: Request) -> Response:
        rule = await read_body(request, FaultRule)
        if rule.kind is not None and rule.kind not in KINDS:
            message = f"kind {rule.kind!r} is not one of {', '.join(KINDS)}"
            raise ControlError(message)
        if rule.shop is not None and rule.shop not in self._simulation.shops:
            message = f"no shop {rule.shop}"
            raise ControlError(message, 404)
        return answer({"id": self._simulation.faults.arm(rule)}, 201)

    async def _disarm_all(self, _request: Request) -> Response:
        self._simulation.faults.clear()
        return answer({})

    async def _disarm(self, request: Request) -> Response:
        if not self._simulation.faults.disarm(request.path_params["id"]):
            message = "no such rule"
            raise ControlError(message, 404)
        return answer({})

    async def _log(self, request: Request) -> Response:
        query = request.query_params
        limit = query.get("limit", "1000")
        if not limit.isdigit():
            message = f"limit {limit!r} is not a number"
            raise ControlError(message)
        return answer(
            self._simulation.log.requests(
                shop=query.get("shop"), kind=query.get("kind"), limit=int(limit)
            )
        )

    async def _clear_log(self, _request: Request) -> Response:
        self._simulation.log.clear()
        return answer({})

    async def _counters(self, request: Request) -> Response:
        return answer(self._simulation.log.counters(request.query_params.get("shop")))

    def _time(self) -> dict[str, Any]:
        now = self._simulation.clock.now()
        return {
            "now": utc(int(now)),
            "now_seconds": now,
            "offset_seconds": self._simulation.clock.offset_seconds,
        }
