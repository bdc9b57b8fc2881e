"""A record of which so far only the id is needed.

Most readers of an order want no more of its customer and products than their ids; making those
records for each line would take longer than making the order.
"""

from collections.abc import Callable
from typing import Any


class LazyRecord:
    """Stands for a record that exists; makes it when anything but the id is read.

    Attributes:
        type_name: GraphQL type of the record.
    """

    __slots__ = ("_load", "_record", "id", "type_name")

    def __init__(self, type_name: str, id_: int, load: Callable[[], Any]) -> None:
        self.type_name = type_name
        self.id = id_
        self._load = load
        self._record: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._record is None:
            self._record = self._load()
        return getattr(self._record, name)
