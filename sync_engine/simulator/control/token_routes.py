"""Control of a shop's tokens and of the app's installation."""

from secrets import token_hex

from msgspec import Struct
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
from sync_engine.simulator.installation import uninstall
from sync_engine.simulator.oauth.session_token import write_session_token
from sync_engine.simulator.simulation import Simulation


class _App(Struct, forbid_unknown_fields=True):
    app: str | None = None


class _NewToken(Struct, forbid_unknown_fields=True):
    kind: str = "permanent"
    scopes: list[str] | None = None


class _Visitor(Struct, forbid_unknown_fields=True):
    user: int = 1


class TokenControl:
    """Handlers for `/_control/shops/{shop}/tokens`, `session_token` and `uninstall`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Where the handlers are mounted."""
        one = "/_control/shops/{shop}"
        return [
            Route(f"{one}/tokens", guarded(self._list), methods=["GET"]),
            Route(f"{one}/tokens", guarded(self._issue), methods=["POST"]),
            Route(f"{one}/tokens/revoke", guarded(self._revoke), methods=["POST"]),
            Route(f"{one}/tokens/expire", guarded(self._expire), methods=["POST"]),
            Route(f"{one}/session_token", guarded(self._session_token), methods=["POST"]),
            Route(f"{one}/uninstall", guarded(self._uninstall), methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        shop = find_shop(self._simulation, request).spec.domain
        return answer(self._simulation.tokens.tokens_of(shop))

    async def _issue(self, request: Request) -> Response:
        simulation = self._simulation
        shop = find_shop(simulation, request).spec.domain
        asked = await read_body(request, _NewToken)
        scopes = simulation.app.scopes if asked.scopes is None else frozenset(asked.scopes)
        app = simulation.app.client_id
        if asked.kind == "permanent":
            token = simulation.tokens.permanent(shop=shop, app=app, scopes=scopes)
            return answer({"access_token": token.text}, 201)
        if asked.kind == "offline":
            pair = simulation.tokens.expiring_pair(
                shop=shop, app=app, scopes=scopes, now=simulation.clock.now()
            )
            return answer({"access_token": pair.access.text, "refresh_token": pair.text}, 201)
        message = f"kind {asked.kind!r} is neither permanent nor offline"
        raise ControlError(message)

    async def _revoke(self, request: Request) -> Response:
        simulation = self._simulation
        shop = find_shop(simulation, request).spec.domain
        asked = await read_body(request, _App)
        count = simulation.tokens.revoke(shop, simulation.clock.now(), app=asked.app)
        return answer({"revoked": count})

    async def _expire(self, request: Request) -> Response:
        shop = find_shop(self._simulation, request).spec.domain
        count = self._simulation.tokens.expire(shop, self._simulation.clock.now())
        return answer({"expired": count})

    async def _session_token(self, request: Request) -> Response:
        simulation = self._simulation
        shop = find_shop(simulation, request).spec.domain
        asked = await read_body(request, _Visitor)
        token = write_session_token(
            shop=shop,
            app=simulation.app.client_id,
            secret=simulation.app.client_secret,
            user=asked.user,
            now=simulation.clock.now(),
            nonce=token_hex(8),
        )
        return answer({"session_token": token}, 201)

    async def _uninstall(self, request: Request) -> Response:
        simulation = self._simulation
        state = find_shop(simulation, request)
        asked = await read_body(request, _App)
        app = simulation.app.client_id if asked.app is None else asked.app
        return answer({"revoked": uninstall(simulation, state, app)})
