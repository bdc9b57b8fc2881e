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

    ``counting`` are the events that have the last word on a number, ``superseded`` those that
    they made needless. A merger stands under the number that was removed.
    """

    words: dict[int, Word] = {}
    touched: set[int] = set()
    gone: dict[int, datetime] = {}
    merged: list[CustomersMerged] = []
    counting: dict[int, str] = {}
    superseded: dict[int, list[str]] = {}

    def open_numbers(self) -> set[int]:
        """Return the records that Shopify has to be asked for before they can be written."""
        return self.touched | {number for number, word in self.words.items() if word.mapped.lacks}

    def waiting_numbers(self) -> set[int]:
        """Return the numbers whose events are not settled before Shopify was asked."""
        asked = self.open_numbers()
        return asked | {each.removed for each in self.merged if each.kept in asked}

    def waiting_events(self) -> list[str]:
        """Return the events that are not settled before Shopify was asked."""
        numbers = self.waiting_numbers()
        counting = [self.counting[each] for each in numbers if each in self.counting]
        return counting + [event for each in numbers for event in self.superseded.get(each, ())]


def coalesce(tidings: Iterable[Told]) -> dict[Resource, ResourceNews]:
    """Return the news of each resource that has any.

    Of versions the one with the latest ``updated_at`` counts, then the one that was sent last; a
    deletion outdoes them all, and reading a record anew makes every version of it needless.
    """
    news: dict[Resource, ResourceNews] = {}
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
                number = merger.removed
                mine = news.setdefault(Resource.CUSTOMERS, ResourceNews())
                mine.merged.append(merger)
                mine.gone[number] = told.at
                mine.touched.add(merger.kept)
            case _:
                continue
        if number in mine.counting:
            mine.superseded.setdefault(number, []).append(mine.counting[number])
        mine.counting[number] = told.event_id
    for mine in news.values():
        mine.touched -= mine.gone.keys()
        for number in (*mine.gone, *mine.touched):
            mine.words.pop(number, None)
    return news


def _order(told: Told) -> tuple[int, datetime, datetime, str]:
    """Versions first, by their own time; then what outdoes them. Ids make it the same for all."""
    match told.tiding:
        case RecordTold(mapped=mapped):
            return 0, mapped.record.updated_at, told.at, told.event_id
        case RecordTouched():
            return 1, told.at, told.at, told.event_id
        case _:
            return 2, told.at, told.at, told.event_id
