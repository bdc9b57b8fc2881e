"""``echosignal shops show``: one shop, how far its copy is and what comes next."""

from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from config.settings import Settings
from gateway.cli.running import CommandError
from sync_engine.engine import Engine
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop import BudgetLevel, Shop
from sync_engine.model.shop_domain import parse_shop_domain
from sync_engine.model.sync_enums import Resource
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.open_engine import Duty, open_engine

_JOBS = {
    RecurringJob.INCREMENTAL: "next incremental sync",
    RecurringJob.RECONCILE: "next reconciliation",
    RecurringJob.CHECK_SUBSCRIPTIONS: "next check of webhook subscriptions",
    RecurringJob.ARCHIVE: "next move of old orders to the archive",
    RecurringJob.PROBE: "next look whether it is back",
}


async def show_shop(settings: Settings, domain: str, console: Console) -> None:
    """Show a shop.

    Raises:
        CommandError: it was never connected.
    """
    name = parse_shop_domain(domain)
    async with open_engine(settings, duty=Duty.NONE) as engine:
        shop = await engine.store.shops.get(name)
        if shop is None:
            raise CommandError(f"{name} is not connected")
        table = Table("", "", show_header=False)
        for label, value in await _facts(engine, shop):
            table.add_row(label, value)
        console.print(table)
        console.print(await _resources(engine, shop))


async def _facts(engine: Engine, shop: Shop) -> list[tuple[str, str]]:
    store = engine.store.shop(shop.domain)
    reason = f": {shop.status_reason}" if shop.status_reason else ""
    facts = [
        ("shop", f"{shop.profile.name} ({shop.domain})"),
        ("status", f"{shop.status.lower()}{reason}"),
        ("currency, time zone", f"{shop.profile.currency_code}, {shop.profile.iana_timezone}"),
        ("scopes", ", ".join(shop.granted_scopes) or "none"),
    ]
    latest = await store.runs.latest()
    if latest is not None:
        message = f": {latest.message}" if latest.message else ""
        facts.append(("last run", f"{latest.mode.lower()} {latest.state.lower()}{message}"))
    facts += [
        (label, _moment(due_at))
        for job, label in _JOBS.items()
        if (due_at := await engine.store.timetable.due_at(shop.domain, job)) is not None
    ]
    if shop.budget is not None:
        facts.append(("GraphQL allowance, points", _level(shop.budget.graphql)))
        facts.append(("REST allowance, calls", _level(shop.budget.rest)))
    waiting = await store.events.count(status=WebhookEventStatus.RECEIVED)
    failed = await store.events.count(status=WebhookEventStatus.FAILED)
    a_week_ago = engine.clock.now().date() - timedelta(days=6)
    used = await engine.store.engagement.of_shop(shop.domain, since=a_week_ago)
    return [
        *facts,
        ("webhooks of this week", f"{waiting} waiting, {failed} failed"),
        ("use of the API in seven days", f"{used.operations:,} operations after the first sync"),
    ]


async def _resources(engine: Engine, shop: Shop) -> Table:
    table = Table("resource", "stored", "read up to")
    store = engine.store.shop(shop.domain)
    for resource in Resource:
        stored = await store.reader(resource).count()
        table.add_row(resource.lower(), f"{stored:,}", _moment(shop.synced_through.get(resource)))
    return table


def _level(level: BudgetLevel | None) -> str:
    if level is None:
        return "not asked yet"
    return f"{level.available:,.0f} of {level.maximum:,.0f}, {level.restores_per_second:,.0f}/s"


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else moment.isoformat(sep=" ", timespec="seconds")
