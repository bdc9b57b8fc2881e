"""Tells by the webhook `bulk_operations/finish` that an operation is done, failed or cancelled.

Source: shopify.dev, "Perform bulk operations with the GraphQL Admin API", and the sample payload of
the topic.
"""

from functools import partial

from sync_engine.simulator.bulk.operation import BulkOperation, Snapshot
from sync_engine.simulator.events import ShopEvent
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.gids import gid
from sync_engine.simulator.rest_api.scalars import Writer
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation

_OVER = frozenset({"COMPLETED", "FAILED", "CANCELED", "EXPIRED"})


def watch_bulk(simulation: Simulation, state: ShopState, operation: BulkOperation) -> None:
    """Tell of the operation's end, now or when it comes; call again whenever its end moves."""
    if operation.is_end_told:
        return
    snapshot = operation.snapshot(simulation.clock.now())
    if snapshot.status not in _OVER:
        end = operation.end_moment()
        if end is not None:
            simulation.agenda.at(end, partial(watch_bulk, simulation, state, operation))
        return
    operation.is_end_told = True
    event = ShopEvent(
        topic="bulk_operations/finish",
        resource="bulk_operation",
        id=operation.id,
        at=int(simulation.clock.now()),
        app=operation.app,
        detail=_payload(snapshot, Writer(state.spec.timezone)),
    )
    state.events.announce(event)
    state.events.commit()


def _payload(snapshot: Snapshot, write: Writer) -> dict[str, object]:
    status = "COMPLETED" if snapshot.status == "EXPIRED" else snapshot.status
    code = snapshot.error_code
    return {
        "admin_graphql_api_id": gid("BulkOperation", snapshot.id),
        "completed_at": write.moment(utc(int(snapshot.completed or 0))),
        "created_at": write.moment(utc(int(snapshot.created))),
        "error_code": None if code is None else code.lower(),
        "status": status.lower(),
        "type": "query",
    }
