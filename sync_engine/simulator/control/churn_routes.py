"""Control that lets a shop live for a while, and tells the truth about it afterwards."""

from collections.abc import Callable
from typing import Any

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
from sync_engine.simulator.edits.apply import Applied, apply_edit
from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.churn import Churn, NoSuchRecordError
from sync_engine.simulator.endpoints.bodies import JsonResponse
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.record_set import RecordSet
from sync_engine.simulator.rest_api.customer_json import customer_json
from sync_engine.simulator.rest_api.order_json import order_json
from sync_engine.simulator.rest_api.product_json import product_json
from sync_engine.simulator.rest_api.refund_json import transaction_json
from sync_engine.simulator.rest_api.scalars import Writer
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.simulation import Simulation

_DRAWS_PER_EDIT = 20
_MOST_AT_ONCE = 1000


class _Churn(Struct, forbid_unknown_fields=True):
    edits: int
    seed: int = 0
    advance_seconds: float = 0.0


class ChurnControl:
    """Handlers for `/_control/shops/{shop}/churn` and `truth`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Where the handlers are mounted."""
        one = "/_control/shops/{shop}"
        return [
            Route(f"{one}/churn", guarded(self._churn), methods=["POST"]),
            Route(f"{one}/truth", guarded(self._ids), methods=["GET"]),
            Route(f"{one}/truth/{{resource}}", guarded(self._records), methods=["GET"]),
        ]

    async def _churn(self, request: Request) -> Response:
        asked = await read_body(request, _Churn)
        if asked.edits < 0 or asked.advance_seconds < 0:
            message = "neither edits nor time can be negative"
            raise ControlError(message)
        state = find_shop(self._simulation, request)
        clock, churn = self._simulation.clock, Churn(state.shop, asked.seed)
        applied: list[Applied] = []
        refused = 0
        for _ in range(asked.edits * _DRAWS_PER_EDIT):
            if len(applied) == asked.edits:
                break
            book = ShopBook(state.shop, state.events, int(clock.now()))
            try:
                applied.append(apply_edit(book, churn.draw()))
            except (EditError, NoSuchRecordError):
                refused += 1
            else:
                clock.advance(churn.wait(asked.advance_seconds))
        return answer({"applied": applied, "refused": refused, "now": utc(int(clock.now()))})

    async def _ids(self, request: Request) -> Response:
        shop = find_shop(self._simulation, request).shop
        return answer(
            {
                name: {
                    "ids": [id_of(index) for index in range(records.end) if records.exists(index)],
                    "count": len(records),
                }
                for name, records, id_of in (
                    ("customers", shop.customer_set, shop.ids.customers.id_of),
                    ("products", shop.product_set, shop.ids.products.id_of),
                    ("orders", shop.order_set, shop.ids.orders.id_of),
                )
            }
        )

    async def _records(self, request: Request) -> Response:
        shop = find_shop(self._simulation, request).shop
        resource = request.path_params["resource"]
        if resource not in _SHOWN:
            message = f"no resource {resource!r}"
            raise ControlError(message, 404)
        query = request.query_params
        since, limit = query.get("since", "0"), query.get("limit", str(_MOST_AT_ONCE))
        if not (since.isdigit() and limit.isdigit()):
            message = "since and limit are numbers"
            raise ControlError(message)
        sets: dict[str, RecordSet[Any]] = {
            "customers": shop.customer_set,
            "products": shop.product_set,
            "orders": shop.order_set,
        }
        records, show = sets[resource], _SHOWN[resource]
        found: list[dict[str, Any]] = []
        index = int(since)
        while index < records.end and len(found) < int(limit):
            if records.exists(index):
                found.append(show(shop, index))
            index += 1
        return JsonResponse({"records": found, "next": index if index < records.end else None})


def _customer(shop: SimulatedShop, index: int) -> dict[str, Any]:
    return customer_json(shop.customer(index), Writer(shop.spec.timezone))


def _product(shop: SimulatedShop, index: int) -> dict[str, Any]:
    return product_json(shop.product(index), Writer(shop.spec.timezone), most_variants=None)


def _order(shop: SimulatedShop, index: int) -> dict[str, Any]:
    order, write = shop.order(index), Writer(shop.spec.timezone)
    transactions = [transaction_json(t, write) for t in order.transactions]
    return {**order_json(order, shop, write), "transactions": transactions}


_SHOWN: dict[str, Callable[[SimulatedShop, int], dict[str, Any]]] = {
    "customers": _customer,
    "products": _product,
    "orders": _order,
}
