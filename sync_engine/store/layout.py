"""Every collection, its indexes and the query that needs each: one table, applied at start.

``shop_id`` comes first in every index of shops' data, and would be the shard key of a cluster. The
exceptions are named where they stand: questions that the engine asks across shops.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pymongo import IndexModel
from pymongo.errors import CollectionInvalid

from sync_engine.store.failures import translated
from sync_engine.store.mongo import Mongo
from sync_engine.store.records.erased_customers import ERASED
from sync_engine.store.records.gone_references import GONE
from sync_engine.store.retention import Retention

Keys = tuple[tuple[str, int], ...]

ID = "_id.id"
"""Shopify's number inside ``_id``, which is ``{shop_id, id}``: the tie-break of every sort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index and why it exists."""

    keys: Keys
    purpose: str
    is_unique: bool = False
    only_where: dict[str, Any] | None = None
    expires_after: str | None = None
    """The name of a time in ``Retention``: documents go when the date in the key is older."""

    def model(self, retention: Retention) -> IndexModel:
        """Return the index as the driver takes it."""
        options: dict[str, Any] = {}
        if self.is_unique:
            options["unique"] = True
        if self.only_where is not None:
            options["partialFilterExpression"] = self.only_where
        if self.expires_after is not None:
            options["expireAfterSeconds"] = retention.seconds(self.expires_after)
        return IndexModel(list(self.keys), **options)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionLayout:
    """One collection: what it holds, its indexes, and the rule that its documents obey."""

    holds: str
    indexes: tuple[Index, ...] = ()
    validator: dict[str, Any] = field(default_factory=dict)


def _by(*fields: str, purpose: str, only_where: dict[str, Any] | None = None) -> Index:
    """Return an ascending index within a shop; MongoDB walks it backwards as well."""
    keys = tuple((name, 1) for name in ("shop_id", *fields))
    return Index(keys=keys, purpose=purpose, only_where=only_where)


def _record_rule(required: dict[str, str], *other_rules: dict[str, Any]) -> dict[str, Any]:
    """Say what a stored record must have; a tombstone has only its dates."""
    types = {"shop_id": "string", "updated_at": "date", "created_at": "date"} | required
    return {"$or": [{"deleted_at": {"$type": "date"}}, _with_fields(types), *other_rules]}


def _with_fields(types: dict[str, str]) -> dict[str, Any]:
    return {
        "$jsonSchema": {
            "required": list(types),
            "properties": {name: {"bsonType": kind} for name, kind in types.items()},
        }
    }


_STUB_RULE = {
    "created_at": {"$exists": False},
    **_with_fields(
        {
            "shop_id": "string",
            "archived": "object",
            "processed_at": "date",
            "net_sold": "decimal",
            "line_items": "array",
            "refunds": "array",
        }
    ),
}


LAYOUT: dict[str, CollectionLayout] = {
    "shops": CollectionLayout(holds="connected shops, keyed by domain, with encrypted tokens"),
    "customers": CollectionLayout(
        holds="customers as Shopify last gave them",
        indexes=(
            _by("created_at", ID, purpose="sort CREATED_AT, filter created, count"),
            _by("updated_at", ID, purpose="sort UPDATED_AT, filter updated"),
            _by("amount_spent", ID, purpose="sort AMOUNT_SPENT"),
            _by("email", purpose="filter email"),
            _by("tags", "created_at", purpose="filter tag"),
            _by("country_code", "created_at", purpose="filter countryCode"),
            _by("number_of_orders", purpose="filter minOrders"),
            _by("erased_at", purpose="who is erased for good", only_where=ERASED),
            _by(ID, purpose="whom orders may not refer to", only_where=GONE),
        ),
        validator=_record_rule({"display_name": "string", "amount_spent": "decimal"}),
    ),
    "products": CollectionLayout(
        holds="products with their variants",
        indexes=(
            _by("created_at", ID, purpose="sort CREATED_AT, filter created, count"),
            _by("updated_at", ID, purpose="sort UPDATED_AT, filter updated"),
            _by("title", ID, purpose="sort TITLE"),
            _by("status", "created_at", purpose="filter status"),
            _by("vendor", "created_at", purpose="filter vendor"),
            _by("product_type", "created_at", purpose="filter productType"),
            _by("tags", "created_at", purpose="filter tag"),
            _by("variants.sku", purpose="filter sku"),
            _by(ID, purpose="what orders may not refer to", only_where=GONE),
        ),
        validator=_record_rule({"title": "string", "variants": "array"}),
    ),
    "orders": CollectionLayout(
        holds="orders with their lines and refunds, and what archived ones left",
        indexes=(
            _by("created_at", ID, purpose="sort CREATED_AT, filter created, count"),
            _by("updated_at", ID, purpose="sort UPDATED_AT, filter updated"),
            _by("total_price", ID, purpose="sort TOTAL_PRICE"),
            _by("customer_id", "created_at", purpose="filter customerId, Customer.orders"),
            _by("line_items.product_id", "created_at", purpose="filter productId"),
            _by("financial_status", "created_at", purpose="filter financialStatus"),
            _by("fulfillment_status", "created_at", purpose="filter fulfillmentStatus"),
            _by("name", purpose="filter name"),
            _by("tags", "created_at", purpose="filter tag"),
            _by(
                "created_at",
                "cancelled_at",
                purpose="filter cancelled: true; few orders are",
                only_where={"cancelled_at": {"$type": "date"}},
            ),
            _by(
                "created_at",
                "test",
                purpose="filter test: true; few orders are",
                only_where={"test": True},
            ),
            _by(
                "archived.created_at",
                purpose="what archived orders left, by the time that a part of the archive covers",
                only_where={"archived.created_at": {"$exists": True}},
            ),
        ),
        validator=_record_rule(
            {"processed_at": "date", "total_price": "decimal", "line_items": "array"}, _STUB_RULE
        ),
    ),
    "archives": CollectionLayout(
        holds="parts of shops' archives: the time each covers, its file, how far its orders are",
        indexes=(_by("created_from", purpose="the parts of a shop, in order"),),
    ),
    "pending_children": CollectionLayout(
        holds="children of a bulk export whose parents have not been read yet",
        indexes=(_by("export_id", "parent_id", purpose="join a parent with what came before it"),),
    ),
    "kpi_rollups": CollectionLayout(
        holds="figures per shop, kind and day or month, which add up to any report",
        indexes=(_by("_id", purpose="delete what is a shop's; reports read by _id"),),
    ),
    "kpi_states": CollectionLayout(
        holds="per shop, which rollups are shown and how far they are; its changes tell of theirs"
    ),
    "sync_runs": CollectionLayout(
        holds="runs: what was asked, a checkpoint per stage, counters, state",
        indexes=(
            _by("queued_at", "_id", purpose="a shop's runs, newest first"),
            Index(
                keys=(("shop_id", 1),),
                purpose="one active run a shop",
                is_unique=True,
                only_where={"is_active": True},
            ),
            Index(
                keys=(("is_active", 1), ("queued_at", 1)),
                purpose="across shops: the runs that a worker may take up",
                only_where={"is_active": True},
            ),
            Index(
                keys=(("superseded_at", 1),),
                purpose="runs go some time after the next one was queued: the last one stays",
                expires_after="sync_run_days",
            ),
        ),
    ),
    "sync_errors": CollectionLayout(
        holds="quarantined records and what went wrong with runs",
        indexes=(
            _by("occurred_at", "_id", purpose="a shop's errors, newest first"),
            _by("run_id", "occurred_at", "_id", purpose="a run's errors"),
            Index(
                keys=(("resolved_at", 1),),
                purpose="errors go some time after they were resolved",
                expires_after="sync_error_days",
            ),
        ),
    ),
    "timetable": CollectionLayout(
        holds="the recurring jobs of shops: when each is due, who has claimed it",
        indexes=(
            _by("due_at", purpose="the jobs of a shop"),
            Index(keys=(("due_at", 1),), purpose="across shops: what is due"),
        ),
    ),
    "webhook_events": CollectionLayout(
        holds="webhooks as they came, until they are applied and for some days after",
        indexes=(
            _by("received_at", ID, purpose="a shop's events, newest first"),
            _by("topic", "received_at", ID, purpose="filter topic"),
            _by("status", "received_at", ID, purpose="filter status"),
            _by(
                "triggered_at",
                purpose="a shop's events that are to be applied, oldest first",
                only_where={"status": "RECEIVED"},
            ),
            Index(
                keys=(("due_at", 1),),
                purpose="across shops: who has events to be applied",
                only_where={"status": "RECEIVED"},
            ),
            Index(
                keys=(("processed_at", 1),),
                purpose="payloads hold personal data: they go soon after they are settled",
                expires_after="webhook_event_days",
            ),
        ),
    ),
    "data_exports": CollectionLayout(
        holds="what people asked for: everything that was stored about them",
        indexes=(
            _by("customer_id", purpose="the exports about a person, to erase them"),
            Index(keys=((ID, 1),), purpose="across shops: the operator fetches one by its id"),
            Index(
                keys=(("made_at", 1),),
                purpose="across shops: a list for the operator; exports go when they are old",
                expires_after="data_export_days",
            ),
        ),
    ),
    "engagement": CollectionLayout(
        holds="operations per shop and day after its first sync",
        indexes=(
            _by("day", purpose="a shop's days"),
            Index(
                keys=(("day", 1), ("operations", 1)),
                purpose="across shops: how many did something on a day, and how much",
            ),
            Index(
                keys=(("day", 1),),
                purpose="a year is enough",
                expires_after="engagement_days",
            ),
        ),
    ),
    "audit": CollectionLayout(
        holds="who changed what, and what was done about people's data",
        indexes=(
            _by("at", ID, purpose="a shop's entries, newest first"),
            Index(
                keys=(("at", 1),),
                purpose="across shops: the newest for the operator; entries go when they are old",
                expires_after="audit_days",
            ),
        ),
    ),
    "budgets": CollectionLayout(
        holds="what is left of Shopify's allowances for shops, and which process holds how much"
    ),
    "install_states": CollectionLayout(
        holds="states of installs that have come back from Shopify, so that each is good once",
        indexes=(
            Index(
                keys=(("used_at", 1),),
                purpose="the cookie of the browser is stale long before",
                expires_after="webhook_event_days",
            ),
        ),
    ),
    "leases": CollectionLayout(holds="who works on what until when, with fencing numbers"),
    "api_tokens": CollectionLayout(
        holds="hashed tokens of API callers",
        indexes=(_by("created_at", purpose="tokens of a shop"),),
    ),
}


@translated
async def apply_layout(mongo: Mongo, retention: Retention) -> None:
    """Create what is missing, renew changed rules and times; several may do so at once."""
    existing = {
        found["name"]: found.get("options", {}).get("validator", {})
        async for found in await mongo.database.list_collections()
    }
    async with asyncio.TaskGroup() as group:
        for name, layout in LAYOUT.items():
            group.create_task(_apply(mongo, name, layout, retention, rule=existing.get(name)))


async def _apply(
    mongo: Mongo,
    name: str,
    layout: CollectionLayout,
    retention: Retention,
    *,
    rule: dict[str, Any] | None,
) -> None:
    if rule is None:
        with suppress(CollectionInvalid):  # another process was quicker
            await mongo.database.create_collection(name)
    if rule != layout.validator:
        await mongo.database.command("collMod", name, validator=layout.validator)
    if layout.indexes:
        await _renew_times(mongo, name, layout, retention)
        models = [index.model(retention) for index in layout.indexes]
        await mongo.collection(name).create_indexes(models)


async def _renew_times(
    mongo: Mongo, name: str, layout: CollectionLayout, retention: Retention
) -> None:
    """Change how long documents live where an index exists: it cannot be created otherwise.

    One that let documents expire by another date is dropped.
    """
    standing = {
        tuple(found["key"].items()): found.get("expireAfterSeconds")
        async for found in mongo.collection(name).list_indexes()
    }
    wanted = {index.keys: index.expires_after for index in layout.indexes if index.expires_after}
    for keys in standing.keys() - wanted.keys():
        if standing[keys] is not None:
            await mongo.collection(name).drop_index(list(keys))
    for keys in standing.keys() & wanted.keys():
        seconds = retention.seconds(wanted[keys])
        if standing[keys] != seconds:
            changed = {"keyPattern": dict(keys), "expireAfterSeconds": seconds}
            await mongo.database.command("collMod", name, index=changed)
