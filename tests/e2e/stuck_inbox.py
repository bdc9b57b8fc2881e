"""A process that applies webhooks, stops in the middle of a transaction, and waits to be killed."""

import asyncio
from collections.abc import Collection

from config.settings import load_settings
from sync_engine.model.webhook_event import EventOutcome
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.mongo import Session
from sync_engine.store.webhook_events import WebhookEventRepository

settle = WebhookEventRepository.settle


async def settle_and_stop(
    events: WebhookEventRepository,
    outcomes: Collection[EventOutcome],
    *,
    session: Session | None = None,
) -> None:
    """Do what comes last in a transaction, and never come to commit it."""
    await settle(events, outcomes, session=session)
    if session is not None:
        print("in the middle", flush=True)  # noqa: T201 - whoever started it waits for this
        await asyncio.Event().wait()


async def main() -> None:
    """Apply webhooks as every worker does."""
    async with open_engine(load_settings(), duty=Duty.EVERYTHING):
        await asyncio.Event().wait()


if __name__ == "__main__":
    WebhookEventRepository.settle = settle_and_stop  # type: ignore[method-assign,assignment]
    asyncio.run(main())
