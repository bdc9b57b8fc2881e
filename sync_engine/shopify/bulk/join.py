"""Joins the lines of an export into records, in whatever order the lines come, in bounded memory.

A batch ends when the next record begins, so that children which directly follow their parent, the
usual case, are with it. Children whose parent is not in the batch are handed over loose: the store
knows whether the parent stands written already or is still to come.
"""

import msgspec

from sync_engine.model.batch import LooseChild, Reject
from sync_engine.model.gid import gid_number
from sync_engine.model.records import Child, Record
from sync_engine.model.sync_enums import SyncErrorCode
from sync_engine.shopify.bulk.formats import ExportFormat
from sync_engine.shopify.unreadable import UNMAPPABLE, UNREADABLE

_LINES_PER_RECORD = 20
_CHILD_MARK = b'"__parentId"'


class JoinedRoot(msgspec.Struct, frozen=True, gc=False):
    """A record's line with the children that were found near it."""

    node: msgspec.Struct
    children: list[Child]
    line: bytes


class JoinedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch before anything is known of the run it belongs to.

    ``next_byte``, ``lines`` and ``root_lines`` say how far the export is read and accounted for
    once the batch is committed.
    """

    roots: tuple[JoinedRoot, ...]
    loose_children: tuple[LooseChild, ...]
    rejects: tuple[Reject, ...]
    next_byte: int
    lines: int
    root_lines: int


class LineJoiner:
    """Takes lines one by one and gives out a batch whenever enough have come."""

    def __init__(
        self, form: "ExportFormat[msgspec.Struct, msgspec.Struct]", currency_code: str, size: int
    ) -> None:
        """Give out batches of at most ``size`` records and twenty times as many lines."""
        self._form = form
        self._currency = currency_code
        self._size = size
        self._roots: dict[int, JoinedRoot] = {}
        self._loose: list[LooseChild] = []
        self._rejects: list[Reject] = []
        self._lines = 0
        self._root_lines = 0

    def add(self, line: bytes, start_byte: int) -> JoinedBatch | None:
        """Take a line that begins at this offset; returns the batch that ended before it."""
        is_child = _CHILD_MARK in line
        is_full = len(self._roots) >= self._size and not is_child
        is_long = self._lines >= self._size * _LINES_PER_RECORD
        ended = self._give_out(start_byte) if is_full or is_long else None
        self._lines += 1
        try:
            if is_child:
                self._add_child(line)
            else:
                self._root_lines += 1
                self._add_root(line)
        except UNMAPPABLE as error:
            self._rejects.append(_reject(line, str(error), is_record=not is_child))
        return ended

    def record(self, root: JoinedRoot) -> Record | Reject:
        """Return the record of a joined line, or why there is none."""
        try:
            return self._form.to_record(root.node, root.children, self._currency)
        except ValueError as error:
            return _reject(root.line, str(error), is_record=True)

    def finish(self, end_byte: int) -> JoinedBatch:
        """Return what is left at the end of the file; it may hold nothing."""
        return self._give_out(end_byte)

    def _add_root(self, line: bytes) -> None:
        node = self._form.root.decode(line)
        number = gid_number(node.id)  # type: ignore[attr-defined]
        before = self._roots.get(number)
        self._roots[number] = JoinedRoot(node, before.children if before else [], line)

    def _add_child(self, line: bytes) -> None:
        node = self._form.child.decode(line)
        parent_id = gid_number(node.parent_id)  # type: ignore[attr-defined]
        child = self._form.to_child(node, self._currency)
        root = self._roots.get(parent_id)
        if root is None:
            self._loose.append(LooseChild(parent_id=parent_id, child=child))
        else:
            root.children.append(child)

    def _give_out(self, next_byte: int) -> JoinedBatch:
        for loose in self._loose:  # those that came just before their parent
            if loose.parent_id in self._roots:
                self._roots[loose.parent_id].children.append(loose.child)
        batch = JoinedBatch(
            roots=tuple(self._roots.values()),
            loose_children=tuple(
                loose for loose in self._loose if loose.parent_id not in self._roots
            ),
            rejects=tuple(self._rejects),
            next_byte=next_byte,
            lines=self._lines,
            root_lines=self._root_lines,
        )
        self._roots, self._loose, self._rejects = {}, [], []
        self._lines = self._root_lines = 0
        return batch


def is_json(line: bytes) -> bool:
    """Whether the line is a whole JSON value."""
    try:
        msgspec.json.decode(line)
    except UNREADABLE:
        return False
    return True


def _reject(line: bytes, reason: str, *, is_record: bool) -> Reject:
    resource_id = None
    try:
        found = msgspec.json.decode(line)
    except UNREADABLE:
        what = "a line of the export is not JSON"
    else:
        what = "a line of the export is not a record" if is_record else "a part of a record"
        if isinstance(found, dict):
            if isinstance(found.get("id"), str):
                what = f"{found['id']} cannot be read"
            whole = found.get("id" if is_record else "__parentId")  # what can be read anew
            resource_id = whole if isinstance(whole, str) else None
    return Reject(
        code=SyncErrorCode.MALFORMED_RECORD,
        message=f"{what}: {reason[:300]}",
        resource_id=resource_id,
        payload=line.decode(errors="replace"),
        is_record=is_record,
    )
