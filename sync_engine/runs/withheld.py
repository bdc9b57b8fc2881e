"""Tells of fields that Shopify keeps back from the app: what is missing, and what helps."""

from collections.abc import Iterable

from sync_engine.model.batch import Reject
from sync_engine.model.run import Run
from sync_engine.model.sync_enums import Resource, SyncErrorCode

_REMEDY = (
    "ask for access to protected customer data, or for the scope that is missing, in the Partner "
    "Dashboard, then start an initial sync"
)


def withheld_rejects(resource: Resource, fields: Iterable[str]) -> list[Reject]:
    """Return what the errors of a run say, once for each field; the records are kept without it."""
    return [
        Reject(
            code=SyncErrorCode.ACCESS_DENIED,
            message=f"Shopify keeps {field} of the {resource.lower()} back from the app: {_REMEDY}",
            resource_id=None,
            payload=None,
            is_record=False,
        )
        for field in fields
    ]


def withheld_sentences(run: Run) -> list[str]:
    """Return what the message of a run says: one sentence about all fields, or none."""
    kept_back = [
        f"{', '.join(stage.withheld)} of the {stage.resource.lower()}"
        for stage in run.stages
        if stage.withheld
    ]
    if not kept_back:
        return []
    return [f"Shopify keeps back from the app {' and '.join(kept_back)}: {_REMEDY}."]
