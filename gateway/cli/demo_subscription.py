"""Watches a sync as a front end would: over the gateway's public subscription."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

from gateway.cli.progress_display import RunView, StageView

_PROGRESS = """
subscription Progress($shop: ShopDomain!) {
  syncProgress(shop: $shop) {
    recordsPerSecond
    estimatedSecondsLeft
    run {
      state
      message
      errorCount
      startedAt
      finishedAt
      apiUsage { requests throttled secondsWaitedForBudget }
      stages { resource phase processed total }
    }
  }
}
"""
_OVER = {"SUCCEEDED", "PARTIAL", "FAILED", "CANCELLED"}


class WatchedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the subscription."""

    view: RunView
    is_over: bool
    state: str
    message: str | None
    error_count: int
    seconds_waited_for_budget: float


async def watch(websocket_url: str, token: str, shop: str) -> AsyncGenerator[WatchedRun]:
    """Yield the progress of a shop's sync until it is over."""
    transport = WebsocketsTransport(
        websocket_url,
        init_payload={"Authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as session:
        request = gql(_PROGRESS)
        request.variable_values = {"shop": shop}
        async with aclosing(session.subscribe(request)) as events:
            async for event in events:
                watched = _watched(event["syncProgress"])
                yield watched
                if watched.is_over:
                    return


def _watched(progress: dict[str, Any]) -> WatchedRun:
    run = progress["run"]
    return WatchedRun(
        view=RunView(
            stages=[
                StageView(
                    resource=stage["resource"],
                    phase=stage["phase"],
                    processed=int(stage["processed"]),
                    total=None if stage["total"] is None else int(stage["total"]),
                )
                for stage in run["stages"]
            ],
            records_per_second=progress["recordsPerSecond"],
            seconds_left=progress["estimatedSecondsLeft"],
        ),
        is_over=run["state"] in _OVER,
        state=run["state"],
        message=run["message"],
        error_count=run["errorCount"],
        seconds_waited_for_budget=run["apiUsage"]["secondsWaitedForBudget"],
    )
