"""Brings together what a burst of webhooks tells of each record: the last word counts. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from sync_engine.inbox.tidings import CustomersMerged, RecordGone, RecordTold, RecordTouched, Told
from sync_engine.model.records import Record
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.mapping.rest import Mapped


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a record and when Shopify sent it off."""

    mapped: Mapped[Record]
    at: datetime


class ResourceNews(msgspec.Struct, kw_only=True):
    """What is to be done for one resource, by number, and the events behind it.

    ``settled`` are events that count, ``superseded`` those that another made needless.
    """

    words: dict[int, Word] = {}
    touched: set[int] = set()
    gone: dict[int, datetime] = {}
    merged: list[CustomersMerged] = []
    settled: set[str] = set()
    superseded: set[str] = set()


def coalesce(tidings: Iterable[Told]) -> dict[Resource, ResourceNews]:
    """Return the news of each resource that has any.

    Of versions the one with the latest ``updated_at`` counts, then the one that was sent last; a
    deletion outdoes them all, and reading a record anew makes every version of it needless.
    """
    news: dict[Resource, ResourceNews] = {}
    holders: dict[tuple[Resource, int], str] = {}
    for told in sorted(tidings, key=_order):
        match told.tiding:
            case RecordTold(resource=resource) as version:
                number = version.number
                mine = news.setdefault(resource, ResourceNews())
                mine.words[number] = Word(mapped=version.mapped, at=told.at)
            case RecordTouched(resource=resource, number=number):
                mine = news.setdefault(resource, ResourceNews())
                mine.touched.add(number)
            case RecordGone(resource=resource, number=number):
                mine = news.setdefault(resource, ResourceNews())
                mine.gone[number] = told.at
            case CustomersMerged() as merger:
                resource, number = Resource.CUSTOMERS, merger.removed
                mine = news.setdefault(resource, ResourceNews())
                mine.merged.append(merger)
                mine.gone[number] = told.at
                mine.touched.add(merger.kept)
            case _:
                continue
        outdone = holders.get((resource, number))
        if outdone is not None:
            mine.settled.discard(outdone)
            mine.superseded.add(outdone)
        holders[resource, number] = told.event_id
        mine.settled.add(told.event_id)
    for mine in news.values():
        mine.touched -= mine.gone.keys()
        for number in (*mine.gone, *mine.touched):
            mine.words.pop(number, None)
    return news


def _order(told: Told) -> tuple[int, datetime, datetime]:
    """Versions first, by their own time; then what outdoes them."""
    match told.tiding:
        case RecordTold(mapped=mapped):
            return 0, mapped.record.updated_at, told.at
        case RecordTouched():
            return 1, told.at, told.at
        case _:
            return 2, told.at, told.at
