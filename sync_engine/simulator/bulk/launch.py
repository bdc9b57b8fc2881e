"""Starts bulk operations: checks the query, takes a slot, lets the export run beside requests."""

import asyncio
from functools import partial

import orjson
from graphql import GraphQLObjectType, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import VariableValues

from sync_engine.simulator.bulk.export import ExportJob, finished_export, run_export
from sync_engine.simulator.bulk.operation import BulkOperation
from sync_engine.simulator.bulk.operations import Submission
from sync_engine.simulator.bulk.ordering import ordering
from sync_engine.simulator.bulk.outcome import BulkOutcome
from sync_engine.simulator.bulk.validation import validated
from sync_engine.simulator.graphql_api.compiled import CannotCompileError, Compiler
from sync_engine.simulator.graphql_api.execution import Execution
from sync_engine.simulator.graphql_api.selections import SelectionReader
from sync_engine.simulator.graphql_api.tables import FIELD_TABLES
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation
from sync_engine.simulator.webhooks.bulk_finish import watch_bulk

_NO_VARIABLES = VariableValues({}, {})


def launch_bulk(
    simulation: Simulation, submission: Submission, execution: Execution, outcome: BulkOutcome
) -> BulkOperation:
    """Take on an operation and start its export.

    Raises:
        BulkQueryError: The query cannot run in bulk.
        BulkRefusedError: Bulk is disabled, or all slots are busy.
        GraphQLError: The query needs something that the simulator does not simulate.
    """
    schema = simulation.graphql.schema
    document = validated(submission.query, schema)
    definition = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    reader = SelectionReader(schema, document, _NO_VARIABLES)
    compiler = Compiler(reader, FIELD_TABLES, _NO_VARIABLES, execution)
    try:
        root = compiler.bulk_root(_query_type(schema), [definition.selection_set])
    except CannotCompileError as error:
        # Unapproved data of customers is refused without a code.
        if (error.reason.extensions or {}).get("code") not in {"ACCESS_DENIED", None}:
            raise error.reason from error
        operation = execution.state.operations.submit(submission, execution.moment, outcome)
        operation.fail("ACCESS_DENIED", execution.moment)
        watch_bulk(simulation, execution.state, operation)
        return operation
    operation = execution.state.operations.submit(submission, execution.moment, outcome)
    order = "grouped" if submission.group_objects else execution.shop.spec.jsonl
    job = ExportJob(
        root=root,
        source=execution,
        ordering=ordering(order),
        folder=simulation.config.cache_dir,
        key=_key(simulation, submission, execution, order),
    )
    task = asyncio.get_running_loop().create_task(_export(simulation, operation, job))
    simulation.tasks.add(task)
    task.add_done_callback(simulation.tasks.discard)
    task.add_done_callback(partial(_settle, simulation, execution.state, operation))
    return operation


async def _export(simulation: Simulation, operation: BulkOperation, job: ExportJob) -> None:
    for progress in run_export(job):
        operation.lines_done, operation.roots_done = progress.lines, progress.roots
        await asyncio.sleep(0)
    export = finished_export(job)
    if export is not None:
        operation.finish(export, simulation.clock.now())


def _settle(
    simulation: Simulation, state: ShopState, operation: BulkOperation, task: asyncio.Task[None]
) -> None:
    """An export that broke looks like one that broke at Shopify, and is reported besides."""
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        operation.fail("INTERNAL_SERVER_ERROR", simulation.clock.now())
        context = {"message": "a bulk export failed", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)
    watch_bulk(simulation, state, operation)


def _query_type(schema: GraphQLSchema) -> GraphQLObjectType:
    if schema.query_type is None:
        message = "the schema has no queries"
        raise TypeError(message)
    return schema.query_type


def _key(simulation: Simulation, submission: Submission, execution: Execution, order: str) -> str:
    shop = execution.shop
    parts = [
        simulation.fingerprint,
        shop.spec.data_key,
        submission.query,
        order,
        execution.version,
        str(execution.orders_created_from),
        shop.edits_digest(),
    ]
    if "now" in submission.query:
        parts.append(str(execution.now))
    return orjson.dumps(parts).decode()
