"""What the driver sends to the collections of shops' data, and whether it is of one shop alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.layout import LAYOUT

_COPIES_ELSEWHERE = {"$lookup", "$graphLookup", "$unionWith", "$out", "$merge"}
_WITHOUT_FILTER = {"getMore", "killCursors", "create", "createIndexes", "listIndexes", "collMod"}


@dataclass(frozen=True)
class Sent:
    """A command on a collection."""

    name: str
    collection: str
    command: Mapping[str, Any]

    def is_confined_to(self, shop: ShopDomain) -> bool:
        """Whether the shop stands in every filter and in every document."""
        command = self.command
        match self.name:
            case "find":
                return _names_shop(command["filter"], shop)
            case "count" | "distinct" | "findAndModify":
                return _names_shop(command["query"], shop)
            case "aggregate":
                stages = command["pipeline"]
                is_open = any(_COPIES_ELSEWHERE & set(stage) for stage in stages)
                return not is_open and _names_shop(stages[0].get("$match", {}), shop)
            case "insert":
                return all(each["shop_id"] == shop for each in command["documents"])
            case "update":
                return all(
                    _names_shop(each["q"], shop) and _leaves_shop(each["u"], shop)
                    for each in command["updates"]
                )
            case "delete":
                return all(_names_shop(each["q"], shop) for each in command["deletes"])
            case _:
                return False


def _names_shop(condition: Mapping[str, Any], shop: ShopDomain) -> bool:
    """Whether a filter is confined to the shop, whose own document has its domain for a key."""
    key = condition.get("_id")
    if isinstance(key, Mapping):
        return key.get("shop_id") == shop or key == {"$in": [shop]} or _has_shop(condition, shop)
    return key == shop or _has_shop(condition, shop)


def _has_shop(condition: Mapping[str, Any], shop: ShopDomain) -> bool:
    return condition.get("shop_id") == shop


def _leaves_shop(update: Any, shop: ShopDomain) -> bool:
    """Whether an update gives the document to no other shop."""
    stages = update if isinstance(update, list) else [update]
    for stage in stages:
        changed = stage.get("$set", stage)
        if changed.get("shop_id", shop) != shop:
            return False
    return True


class Watcher(CommandListener):
    """Keeps what the driver sends to collections of shops' data."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def started(self, event: CommandStartedEvent) -> None:
        command = event.command
        collection = command.get(event.command_name)
        if event.command_name == "aggregate" and collection == 1:  # of the whole database
            self.sent.append(Sent(event.command_name, "", command))
        if not isinstance(collection, str):
            return
        if collection in LAYOUT and event.command_name not in _WITHOUT_FILTER:
            self.sent.append(Sent(event.command_name, collection, command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass
