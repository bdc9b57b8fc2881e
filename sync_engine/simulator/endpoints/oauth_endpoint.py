"""`GET /{shop}/admin/oauth/authorize` and `POST /{shop}/admin/oauth/access_token`.

The merchant of a simulated shop approves every installation at once.

Source: shopify.dev, "Implement authorization code grant manually".
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from sync_engine.simulator.endpoints.admission import open_record, struck
from sync_engine.simulator.endpoints.bodies import JsonResponse, status_response
from sync_engine.simulator.endpoints.disturbance import DisturbedResponse
from sync_engine.simulator.oauth.grants import GrantError, TokenEndpoint
from sync_engine.simulator.oauth.signing import callback_hmac, host_parameter
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation

_ERROR_PAGE = (
    "<!DOCTYPE html><html><head><title>400 - Oauth error {code}</title></head>"
    "<body><h1>Oauth error {code}</h1><p>{text}</p></body></html>"
)


class OauthEndpoint:
    """Answers installations and token requests for all shops."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def authorize(self, request: Request) -> ASGIApp:
        """Approve an installation and send the merchant back to the app."""
        simulation = self._simulation
        shop = request.path_params["shop"]
        record = open_record(simulation, request, shop=shop, kind="oauth", operation="authorize")
        action, answer = struck(simulation, record, str(request.url.query))
        if answer is None:
            answer = self._authorize(request, shop)
        return answer if action is None else DisturbedResponse(answer, action)

    async def token(self, request: Request) -> ASGIApp:
        """Answer a token request."""
        simulation = self._simulation
        shop = request.path_params["shop"]
        form = await _form(request)
        grant = form.get("grant_type") or "authorization_code"
        record = open_record(simulation, request, shop=shop, kind="oauth", operation=grant)
        action, answer = struck(simulation, record, urlencode(form))
        if answer is None:
            answer = self._token(shop, form)
        return answer if action is None else DisturbedResponse(answer, action)

    def _authorize(self, request: Request, shop: str) -> Response:
        simulation = self._simulation
        state = simulation.shops.get(shop)
        if state is None or state.standing == "closed":
            return status_response(404)
        query = request.query_params
        client_id, redirect = query.get("client_id", ""), query.get("redirect_uri", "")
        if client_id != simulation.app.client_id:
            text = f"Could not find Shopify API application with api_key {client_id}"
            return _error_page("application_cannot_be_found", text)
        if urlsplit(redirect).scheme not in {"http", "https"}:
            return _error_page("invalid_request", "The redirect_uri is missing or not whitelisted")
        now = simulation.clock.now()
        code = simulation.tokens.new_code(
            shop=shop,
            app=client_id,
            scopes=granted_scopes(state, _scopes(query.get("scope", ""))),
            is_online="per-user" in query.getlist("grant_options[]"),
            now=now,
        )
        parameters = [
            ("code", code.text),
            ("host", host_parameter(shop)),
            ("shop", shop),
            ("state", query.get("state", "")),
            ("timestamp", str(int(now))),
        ]
        signature = callback_hmac(simulation.app.client_secret, parameters)
        location = f"{redirect}{'&' if '?' in redirect else '?'}"
        return RedirectResponse(
            location + urlencode([*parameters, ("hmac", signature)]), status_code=302
        )

    def _token(self, shop: str, form: Mapping[str, str]) -> Response:
        simulation = self._simulation
        state = simulation.shops.get(shop)
        if state is None or state.standing == "closed":
            return status_response(404)
        endpoint = TokenEndpoint(
            shop=shop,
            app=simulation.app,
            tokens=simulation.tokens,
            scopes=granted_scopes(state, simulation.app.scopes),
        )
        try:
            return JsonResponse(endpoint.answer(form, simulation.clock.now()))
        except GrantError as error:
            if error.code == "application_cannot_be_found":
                return _error_page(error.code, str(error))
            body = {"error": error.code, "error_description": str(error)}
            return JsonResponse(body, error.status)


def granted_scopes(state: ShopState, asked: frozenset[str]) -> frozenset[str]:
    """What the merchant grants of what was asked for; leave to write is more than leave to read.

    Shopify grants more than an install asks for where the app's own settings ask for more.
    """
    if state.granted_scopes is None:
        return asked
    return frozenset(
        scope
        for scope in state.granted_scopes
        if {scope, scope.replace("write_", "read_", 1)} & asked
    )


def _scopes(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.replace(" ", ",").split(",") if part.strip())


async def _form(request: Request) -> dict[str, str]:
    """The fields of a body, whether it is a form or JSON."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            fields: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            return {}
        return {k: str(v) for k, v in fields.items()} if isinstance(fields, dict) else {}
    return dict(parse_qsl(body.decode("utf-8", errors="replace")))


def _error_page(code: str, text: str) -> Response:
    page = _ERROR_PAGE.format(code=code, text=text)
    return Response(page, 400, media_type="text/html; charset=utf-8")
