"""`GET /{shop}/admin/api/{version}/{customers,products,orders,shop}...json`.

Source: shopify.dev, REST Admin API reference and "REST Admin API rate limits".
"""

from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sync_engine.simulator.api_versions import served_version
from sync_engine.simulator.endpoints.admission import Admission, admitted, open_record, struck
from sync_engine.simulator.endpoints.bodies import JsonResponse, errors_response, status_response
from sync_engine.simulator.endpoints.disturbance import DisturbedResponse
from sync_engine.simulator.faults.actions import Action
from sync_engine.simulator.request_log import RequestRecord
from sync_engine.simulator.rest_api.customer_json import customer_json
from sync_engine.simulator.rest_api.filters import FilterError, read_filter, read_limit
from sync_engine.simulator.rest_api.order_json import order_json
from sync_engine.simulator.rest_api.pages import (
    RestList,
    count_of,
    link_header,
    page_of,
    read_page_info,
)
from sync_engine.simulator.rest_api.product_json import product_json
from sync_engine.simulator.rest_api.scalars import Writer
from sync_engine.simulator.rest_api.shop_json import shop_json
from sync_engine.simulator.search.order_fields import processed_at_seconds
from sync_engine.simulator.search.periods import FOREVER
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.simulation import Simulation

RESOURCES = ("customers", "products", "orders")

_VISIBLE_SECONDS = 60 * 86_400
_DEPRECATED = "https://shopify.dev/docs/api/usage/versioning#deprecation-practices"


class _Resource(Struct, frozen=True):
    name: str
    listed: RestList
    show: Callable[[Any], dict[str, Any]]


class _Wanted(Struct, frozen=True):
    name: str
    view: str


class RestEndpoint:
    """Answers REST requests for all shops."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Where resources are mounted."""
        base = "/{shop}/admin/api/{version}"
        routes = [Route(f"{base}/shop.json", partial(self._handle, name="shop", view="one"))]
        for name in RESOURCES:
            for path, view in (
                (f"{name}.json", "list"),
                (f"{name}/count.json", "count"),
                (f"{name}/{{id:int}}.json", "one"),
            ):
                routes.append(Route(f"{base}/{path}", partial(self._handle, name=name, view=view)))
        return routes

    async def _handle(self, request: Request, *, name: str, view: str) -> ASGIApp:
        simulation = self._simulation
        shop = request.path_params["shop"]
        path = request.url.path.partition("/admin/api/")[2]
        record = open_record(simulation, request, shop=shop, kind="rest", operation=path)
        action, answer = struck(simulation, record, f"{path}?{request.url.query}")
        if answer is None:
            answer = self._answer(request, record, action, _Wanted(name, view))
        return answer if action is None else DisturbedResponse(answer, action)

    def _answer(
        self, request: Request, record: RequestRecord, action: Action | None, wanted: "_Wanted"
    ) -> Response:
        admission = admitted(self._simulation, request, record, action)
        if isinstance(admission, Response):
            return admission
        now = self._simulation.clock.now()
        version = served_version(request.path_params["version"], now)
        if version is None:
            return status_response(404)
        if admission.state.is_rest_retired:
            return errors_response(403, "The REST Admin API is not available to this app.")
        bucket = admission.state.calls(admission.token.app, now)
        if not bucket.take(now):
            record.is_throttled = True
            headers = {
                "Retry-After": f"{max(0.1, bucket.retry_after(now)):.1f}",
                "X-Shopify-Shop-Api-Call-Limit": bucket.header(now),
            }
            return status_response(429, headers)
        response = self._read(request, admission, int(now), wanted)
        response.headers["X-Shopify-Shop-Api-Call-Limit"] = bucket.header(now)
        response.headers["X-Shopify-API-Version"] = version
        return response

    def _read(
        self, request: Request, admission: Admission, now: int, wanted: "_Wanted"
    ) -> Response:
        shop = admission.state.shop
        write = Writer(shop.spec.timezone)
        name = wanted.name
        if name == "shop":
            return JsonResponse({"shop": shop_json(shop.profile, write, now)})
        scopes = admission.token.scopes
        if not {f"read_{name}", f"write_{name}"} & scopes:
            error = f"[API] This action requires merchant approval for read_{name} scope."
            return errors_response(403, error)
        is_windowed = name == "orders" and "read_all_orders" not in scopes
        created_from = now - _VISIBLE_SECONDS if is_windowed else -FOREVER
        resource = _resource(name, shop, write)
        try:
            if wanted.view == "one":
                response = _one(request, resource, created_from)
            elif wanted.view == "count":
                response = _count(request, resource, shop, created_from)
            else:
                response = _list(request, resource, shop, created_from)
        except FilterError as error:
            return errors_response(400, {error.parameter: str(error)})
        if name == "products":
            response.headers["X-Shopify-API-Deprecated-Reason"] = _DEPRECATED
        return response


def _list(
    request: Request, resource: _Resource, shop: SimulatedShop, created_from: int
) -> Response:
    query = dict(request.query_params)
    limit = read_limit(query)
    cursor = read_page_info(query)
    filters = {k: v for k, v in query.items() if k not in {"limit", "fields"}}
    if cursor is not None:
        filters = cursor.query
    page = page_of(
        resource.listed,
        read_filter(resource.name, filters, ZoneInfo(shop.spec.timezone)),
        query=filters,
        cursor=cursor,
        limit=limit,
        created_from=created_from,
    )
    fields = query.get("fields")
    records = [_only(resource.show(record), fields) for record in page.records]
    url = f"{str(request.base_url).rstrip('/')}{request.url.path}"
    link = link_header(url, page, limit, fields)
    return JsonResponse({resource.name: records}, headers={"Link": link} if link else None)


def _count(
    request: Request, resource: _Resource, shop: SimulatedShop, created_from: int
) -> Response:
    zone = ZoneInfo(shop.spec.timezone)
    wanted = read_filter(resource.name, dict(request.query_params), zone)
    return JsonResponse({"count": count_of(resource.listed, wanted, created_from)})


def _resource(name: str, shop: SimulatedShop, write: Writer) -> _Resource:
    ids = shop.ids
    if name == "customers":
        listed = RestList(
            records=shop.customer_set,
            load=shop.customer,
            id_of=ids.customers.id_of,
            processed=shop.customer_set.created_at_seconds,
        )
        return _Resource(name, listed, lambda record: customer_json(record, write))
    if name == "products":
        listed = RestList(
            records=shop.product_set,
            load=shop.product,
            id_of=ids.products.id_of,
            processed=shop.product_set.created_at_seconds,
        )
        return _Resource(name, listed, lambda record: product_json(record, write))
    listed = RestList(
        records=shop.order_set,
        load=shop.order,
        id_of=ids.orders.id_of,
        processed=lambda index: processed_at_seconds(shop, index),
    )
    return _Resource(name, listed, lambda record: order_json(record, shop, write))


def _one(request: Request, resource: _Resource, created_from: int) -> Response:
    listed, id_ = resource.listed, request.path_params["id"]
    index = bisect_left(range(listed.records.end), id_, key=listed.id_of)
    if not listed.records.exists(index) or listed.id_of(index) != id_:
        return status_response(404)
    if listed.records.created_at_seconds(index) < created_from:
        return status_response(404)
    shown = _only(resource.show(listed.load(index)), request.query_params.get("fields"))
    return JsonResponse({resource.name.removesuffix("s"): shown})


def _only(shown: dict[str, Any], fields: str | None) -> dict[str, Any]:
    if not fields:
        return shown
    wanted = {name.strip() for name in fields.split(",")}
    return {name: value for name, value in shown.items() if name in wanted}
