"""Writes the result file of a bulk query, in small steps so that others get their turn."""

import os
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from msgspec import Struct

from sync_engine.simulator.bulk.operation import Export
from sync_engine.simulator.bulk.ordering import Family, Ordering
from sync_engine.simulator.graphql_api.compiled import BulkChild, BulkNode
from sync_engine.simulator.json_text import to_json

_STEP_LINES = 400


class ExportJob(Struct, frozen=True, kw_only=True):
    """What to export and where to.

    Attributes:
        key: Text that differs whenever the file would; names the file in the cache.
    """

    root: BulkChild
    source: Any
    ordering: Ordering
    folder: Path
    key: str


class Progress(Struct):
    """How far an export has come."""

    lines: int = 0
    roots: int = 0


def run_export(job: ExportJob) -> Iterator[Progress]:
    """Write the file step by step; the last step leaves it finished under its name.

    A file that is already in the cache is taken as it is.
    """
    progress = Progress()
    if (found := finished_export(job)) is not None:
        progress.lines, progress.roots = found.line_count, found.root_count
        yield progress
        return
    job.folder.mkdir(parents=True, exist_ok=True)
    path = _path(job)
    draft = path.with_suffix(f".{os.getpid()}.{id(job):x}.draft")
    try:
        with draft.open("wb", buffering=1 << 20) as file:
            yield from _write(job, file, progress)
        counts = orjson.dumps({"lines": progress.lines, "roots": progress.roots})
        path.with_suffix(".json").write_bytes(counts)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def finished_export(job: ExportJob) -> Export | None:
    """The finished file of a job, if there is one."""
    path = _path(job)
    if not path.exists():
        return None
    counts = orjson.loads(path.with_suffix(".json").read_bytes())
    return Export(
        path=path,
        line_count=counts["lines"],
        root_count=counts["roots"],
        size_bytes=path.stat().st_size,
    )


def _path(job: ExportJob) -> Path:
    digest = blake2b(job.key.encode(), digest_size=16).hexdigest()
    return job.folder / f"{digest}.jsonl"


def _write(job: ExportJob, file: BinaryIO, progress: Progress) -> Iterator[Progress]:
    write = file.write
    for line in job.ordering(_families(job, progress)):
        write(line)
        progress.lines += 1
        if progress.lines % _STEP_LINES == 0:
            yield progress
    yield progress


def _families(job: ExportJob, progress: Progress) -> Iterator[Family]:
    build, children = job.root.node.build, job.root.node.children
    for record in job.root.nodes(job.source):
        progress.roots += 1
        value = build(record)
        lines: list[bytes] = []
        if children:
            _below(job.root.node, record, value["id"], lines.append)
        yield Family(to_json(value) + b"\n", lines)


def _below(node: BulkNode, record: Any, parent: str, add: Callable[[bytes], None]) -> None:
    for child in node.children:
        build, has_children = child.node.build, bool(child.node.children)
        for item in child.nodes(record):
            value = build(item)
            value["__parentId"] = parent
            add(to_json(value) + b"\n")
            if has_children:
                _below(child.node, item, value["id"], add)
