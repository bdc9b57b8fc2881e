"""Control of webhooks: the app's configuration, the pace, the way, what was sent; firing some."""

import asyncio
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs
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
from sync_engine.simulator.gids import gid
from sync_engine.simulator.simulation import Simulation
from sync_engine.simulator.webhooks.app_config import AppConfig, AppConfigError
from sync_engine.simulator.webhooks.burst import BURST_TOPICS, Burst, BurstOrder
from sync_engine.simulator.webhooks.delivery import Delivery
from sync_engine.simulator.webhooks.disturbances import Disturbances
from sync_engine.simulator.webhooks.outbox import Pace
from sync_engine.simulator.webhooks.topics import topic_of


class _App(Struct, forbid_unknown_fields=True):
    config: AppConfig | UnsetType = UNSET
    client_secret: str | UnsetType = UNSET


class _Drain(Struct, forbid_unknown_fields=True):
    within_seconds: float = 30.0


class WebhookControl:
    """Handlers for `/_control/app`, `/_control/webhooks` and the webhooks of one shop."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Where the handlers are mounted."""
        one = "/_control/shops/{shop}"
        return [
            Route("/_control/app", guarded(self._change_app), methods=["POST"]),
            Route("/_control/webhooks", guarded(self._show), methods=["GET"]),
            Route("/_control/webhooks", guarded(self._change_pace), methods=["POST"]),
            Route("/_control/webhooks/drain", guarded(self._drain), methods=["POST"]),
            Route(f"{one}/subscriptions", guarded(self._subscriptions), methods=["GET"]),
            Route(f"{one}/webhooks", guarded(self._deliveries), methods=["GET"]),
            Route(f"{one}/webhooks/disturb", guarded(self._disturbed), methods=["GET"]),
            Route(f"{one}/webhooks/disturb", guarded(self._disturb), methods=["POST"]),
            Route(f"{one}/webhooks/burst", guarded(self._start_burst), methods=["POST"]),
            Route(f"{one}/webhooks/burst/{{id:int}}", guarded(self._burst), methods=["GET"]),
        ]

    async def _change_app(self, request: Request) -> Response:
        change = await read_body(request, _App)
        simulation = self._simulation
        if change.config is not UNSET:
            try:
                change.config.check()
            except AppConfigError as error:
                raise ControlError(str(error)) from error
            simulation.app_config = change.config
        if change.client_secret is not UNSET:
            simulation.app = structs.replace(simulation.app, client_secret=change.client_secret)
        return answer({"client_id": simulation.app.client_id, "config": simulation.app_config})

    async def _show(self, _request: Request) -> Response:
        return answer(self._report())

    async def _change_pace(self, request: Request) -> Response:
        self._simulation.outbox.pace = await read_body(request, Pace)
        return answer(self._report())

    async def _drain(self, request: Request) -> Response:
        asked = await read_body(request, _Drain)
        is_idle = await self._simulation.outbox.drained(asked.within_seconds)
        return answer({"is_idle": is_idle, **self._report()})

    async def _subscriptions(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        found = state.webhooks.all()
        return answer(
            [
                {
                    **structs.asdict(s),
                    "gid": gid("WebhookSubscription", s.id),
                    "topic": topic_of(s.topic),
                }
                for s in found
            ]
        )

    async def _deliveries(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        topic = request.query_params.get("topic")
        found = self._simulation.outbox.deliveries(state.spec.domain)
        return answer([_shown(d) for d in found if topic in {None, d.topic}])

    async def _disturbed(self, request: Request) -> Response:
        way = find_shop(self._simulation, request).way
        return answer({"disturbances": way.disturbances, "counts": way.counts})

    async def _disturb(self, request: Request) -> Response:
        way = find_shop(self._simulation, request).way
        way.disturb(await read_body(request, Disturbances))
        return answer({"disturbances": way.disturbances, "counts": way.counts})

    async def _start_burst(self, request: Request) -> Response:
        state = find_shop(self._simulation, request)
        order = await read_body(request, BurstOrder)
        if order.topic not in BURST_TOPICS:
            message = f"topic {order.topic!r} is not one of {', '.join(BURST_TOPICS)}"
            raise ControlError(message)
        if order.count < 0 or (order.per_minute is not None and order.per_minute <= 0):
            message = "count and per_minute are positive"
            raise ControlError(message)
        burst = Burst(self._simulation, state, order, len(self._simulation.bursts))
        self._simulation.bursts.append(burst)
        task = asyncio.get_running_loop().create_task(burst.run())
        self._simulation.tasks.add(task)
        task.add_done_callback(self._simulation.tasks.discard)
        return answer({"id": burst.id}, 201)

    async def _burst(self, request: Request) -> Response:
        bursts, id_ = self._simulation.bursts, request.path_params["id"]
        if id_ >= len(bursts):
            message = f"no burst {id_}"
            raise ControlError(message, 404)
        return answer(bursts[id_].report())

    def _report(self) -> dict[str, Any]:
        outbox = self._simulation.outbox
        return {"pace": outbox.pace, **outbox.report()}


def _shown(delivery: Delivery) -> dict[str, Any]:
    fields = structs.asdict(delivery)
    del fields["body"]
    return fields
