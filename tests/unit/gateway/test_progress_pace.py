"""Which states of a run a subscriber is shown."""

import msgspec

from gateway.graphql.progress_pace import ProgressPace
from sync_engine.model.run import ApiUsage, Run, Stage, WriteCounts
from sync_engine.model.sync_enums import Resource, SyncMode, SyncState, SyncTrigger
from tests.examples import MONDAY, SHOP


def state(*, processed: int, requests: int) -> Run:
    stage = Stage(resource=Resource.ORDERS, counts=WriteCounts(processed=processed, created=300))
    return Run(
        id="1",
        shop=SHOP,
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        requested_strategy=None,
        state=SyncState.RUNNING,
        stages=(stage,),
        queued_at=MONDAY,
        updated_at=MONDAY,
        usage=ApiUsage(requests=requests),
    )


def test_a_stage_that_reads_again_from_its_beginning_is_shown() -> None:
    pace = ProgressPace(1.0)
    whole, again = state(processed=300, requests=5), state(processed=0, requests=6)
    pace.offer(whole)
    assert pace.take(0.0) == whole
    pace.offer(again)
    assert pace.take(1.0) == again


def test_an_older_state_is_passed_over() -> None:
    pace = ProgressPace(1.0)
    newer = state(processed=300, requests=5)
    pace.offer(newer)
    assert pace.take(0.0) == newer
    pace.offer(state(processed=200, requests=5))
    pace.offer(msgspec.structs.replace(newer, usage=ApiUsage(requests=4)))
    assert pace.take(1.0) is None
