"""`POST /{shop}/admin/api/{version}/graphql.json`."""

from typing import Any

import orjson
from graphql import FieldNode, OperationDefinitionNode, OperationType
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from sync_engine.simulator.api_versions import served_version
from sync_engine.simulator.bulk.launch import launch_bulk
from sync_engine.simulator.bulk.operation import URL_LIFE_SECONDS, BulkOperation, Snapshot
from sync_engine.simulator.bulk.operations import Submission
from sync_engine.simulator.bulk.outcome import UNDISTURBED
from sync_engine.simulator.endpoints.admission import Admission, admitted, open_record, struck
from sync_engine.simulator.endpoints.bodies import (
    JsonResponse,
    errors_response,
    request_id,
    status_response,
)
from sync_engine.simulator.endpoints.disturbance import DisturbedResponse
from sync_engine.simulator.faults.actions import Action, Bulk, GraphqlFault, Throttle
from sync_engine.simulator.graphql_api.execution import Execution
from sync_engine.simulator.graphql_api.service import GraphqlRequest
from sync_engine.simulator.installation import uninstall
from sync_engine.simulator.oauth.signing import url_signature
from sync_engine.simulator.request_log import RequestRecord
from sync_engine.simulator.simulation import Simulation
from sync_engine.simulator.webhooks.bulk_finish import watch_bulk

_DEBUG_HEADERS = ("Shopify-GraphQL-Cost-Debug", "X-GraphQL-Cost-Include-Fields")
_POLLS = frozenset({"bulkOperation", "bulkOperations", "currentBulkOperation"})
_MISSING = {"query": "Required parameter missing or invalid"}


class GraphqlEndpoint:
    """Answers GraphQL requests for all shops."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def handle(self, request: Request) -> ASGIApp:
        """Answer one request."""
        simulation = self._simulation
        asked = await _read_request(request)
        graphql = asked if isinstance(asked, GraphqlRequest) else None
        kind, name = ("graphql", "") if graphql is None else self._kind(graphql)
        shop = request.path_params["shop"]
        record = open_record(simulation, request, shop=shop, kind=kind, operation=name)
        text = "" if graphql is None else _operation_text(graphql)
        action, answer = struck(simulation, record, text)
        if answer is None:
            answer = self._answer(request, record, action, asked)
        return answer if action is None else DisturbedResponse(answer, action)

    def _answer(
        self,
        request: Request,
        record: RequestRecord,
        action: Action | None,
        asked: GraphqlRequest | Response,
    ) -> Response:
        admission = admitted(self._simulation, request, record, action)
        if isinstance(admission, Response):
            return admission
        now = self._simulation.clock.now()
        version = served_version(request.path_params.get("version"), now)
        if version is None:
            return status_response(404)
        if not _accepts_json(request):
            return status_response(406)
        if isinstance(asked, Response):
            return asked
        if admission.state.standing == "inactive":
            action = GraphqlFault(code="SHOP_INACTIVE", message="The shop is not active.")
        if isinstance(action, GraphqlFault):
            return JsonResponse(_fault_body(action))
        body = self._execute(
            replace(asked, is_throttled=isinstance(action, Throttle)),
            admission,
            Execution(
                state=admission.state,
                moment=now,
                version=version,
                app=admission.token.app,
                scopes=admission.token.scopes,
                notes=[],
                backstage=_Backstage(self._simulation, admission, str(request.base_url), action),
            ),
        )
        return JsonResponse(body, headers={"X-Shopify-API-Version": version})

    def _execute(
        self, asked: GraphqlRequest, admission: Admission, execution: Execution
    ) -> dict[str, Any]:
        bucket = admission.state.points(admission.token.app, execution.moment)
        answer = self._simulation.graphql.answer(asked, execution, bucket)
        record = admission.record
        record.requested_cost = answer.requested_cost
        record.actual_cost = answer.actual_cost
        record.is_throttled = answer.is_throttled
        return answer.body

    def _kind(self, asked: GraphqlRequest) -> tuple[str, str]:
        """What the request is about, and the name of its operation."""
        document = self._simulation.graphql.document(asked.query)
        if isinstance(document, list):
            return "graphql", asked.operation_name or ""
        kind, name = "graphql", asked.operation_name or ""
        for definition in document.definitions:
            if not isinstance(definition, OperationDefinitionNode):
                continue
            name = name or (definition.name.value if definition.name else "")
            fields = {
                node.name.value
                for node in definition.selection_set.selections
                if isinstance(node, FieldNode)
            }
            if definition.operation is OperationType.MUTATION:
                if "bulkOperationRunQuery" in fields:
                    kind = "bulk_submit"
            elif fields & _POLLS or ("node" in fields and _names_operation(asked)):
                kind = "bulk_poll"
        return kind, name


class _Backstage:
    def __init__(
        self, simulation: Simulation, admission: Admission, base_url: str, action: Action | None
    ) -> None:
        self._simulation = simulation
        self._state = admission.state
        self._base_url = base_url.rstrip("/")
        self._app = admission.token.app
        self._outcome = action if isinstance(action, Bulk) else UNDISTURBED

    def file_url(self, snapshot: Snapshot, *, is_partial: bool) -> str:
        """Where an operation's result can be fetched."""
        expires = int(snapshot.completed or 0) + URL_LIFE_SECONDS
        part = "-partial" if is_partial else ""
        path = f"/{self._state.spec.domain}/bulk/{snapshot.id}{part}.jsonl"
        signature = url_signature(self._simulation.url_secret, path, expires)
        return f"{self._base_url}{path}?Expires={expires}&Signature={signature}"

    def submit_bulk(self, submission: Submission, execution: Execution) -> BulkOperation:
        """Take on a bulk operation."""
        return launch_bulk(self._simulation, submission, execution, self._outcome)

    def note_cancel(self, operation: BulkOperation) -> None:
        """Follow an operation that was cancelled to its end."""
        watch_bulk(self._simulation, self._state, operation)

    def uninstall(self) -> None:
        """Remove the app from the shop."""
        uninstall(self._simulation, self._state, self._app)


async def _read_request(request: Request) -> GraphqlRequest | Response:
    body = await request.body()
    has_debug = any(request.headers.get(name) in {"1", "true"} for name in _DEBUG_HEADERS)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/graphql":
        text = body.decode("utf-8", errors="replace")
        return GraphqlRequest(
            query=text, variables={}, operation_name=None, has_cost_debug=has_debug
        )
    if kind != "application/json":
        return errors_response(400, _MISSING)
    try:
        asked: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return errors_response(400, "Bad Request")
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        return errors_response(400, _MISSING)
    variables = asked.get("variables")
    if variables is not None and not isinstance(variables, dict):
        return errors_response(400, {"variables": "Required parameter missing or invalid"})
    name = asked.get("operationName")
    return GraphqlRequest(
        query=asked["query"],
        variables=variables or {},
        operation_name=name if isinstance(name, str) else None,
        has_cost_debug=has_debug,
    )


def _operation_text(asked: GraphqlRequest) -> str:
    return asked.query + "\n" + orjson.dumps(dict(asked.variables)).decode()


def _names_operation(asked: GraphqlRequest) -> bool:
    return "gid://shopify/BulkOperation/" in _operation_text(asked)


def _accepts_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "*/*")
    return any(
        part.partition(";")[0].strip() in {"*/*", "application/*", "application/json"}
        or "json" in part
        for part in accepted.split(",")
    )


def _fault_body(fault: GraphqlFault) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": fault.code}
    if fault.code == "INTERNAL_SERVER_ERROR":
        extensions["requestId"] = request_id()
    body: dict[str, Any] = {"errors": [{"message": fault.message, "extensions": extensions}]}
    if fault.data is not None:
        body["data"] = fault.data
    return body
