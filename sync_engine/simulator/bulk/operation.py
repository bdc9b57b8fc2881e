r"""The life of one bulk operation, told from the clock.

    CREATED -> RUNNING -> COMPLETED -> EXPIRED
                      \-> FAILED
              CANCELING -> CANCELED

Nothing ticks: the state at any moment follows from when the operation was submitted, how long it is
meant to take, whether its file is ready, and whether somebody cancelled it.

Source: shopify.dev, "Perform bulk operations with the GraphQL Admin API".
"""

from pathlib import Path

from msgspec import Struct

from sync_engine.simulator.bulk.outcome import BulkOutcome

URL_LIFE_SECONDS = 7 * 86_400
RUN_LIMIT_SECONDS = 10 * 86_400
ACTIVE_STATUSES = frozenset({"CREATED", "RUNNING", "CANCELING"})


class Export(Struct, frozen=True, kw_only=True):
    """A finished result file."""

    path: Path
    line_count: int
    root_count: int
    size_bytes: int


class Pace(Struct, frozen=True, kw_only=True):
    """How long operations take.

    Attributes:
        run_seconds: Fixed time of a run; None lets it follow from the number of lines.
        cancel_seconds: How long CANCELING lasts.
    """

    run_seconds: float | None = None
    wait_seconds: float = 0.05
    base_seconds: float = 0.3
    lines_per_second: float = 60_000.0
    cancel_seconds: float = 0.2

    def run_time(self, line_count: int) -> float:
        """Seconds that a run of this size takes."""
        if self.run_seconds is not None:
            return self.run_seconds
        return self.base_seconds + line_count / self.lines_per_second


class Snapshot(Struct, frozen=True, kw_only=True):
    """An operation as it looks at one moment; moments in seconds since 1970."""

    id: int
    query: str
    status: str
    error_code: str | None
    created: float
    completed: float | None
    object_count: int
    root_count: int
    file_size: int | None
    has_url: bool
    has_partial_url: bool


class BulkOperation:
    """One operation.

    Attributes:
        app: Client id of the app that submitted it.
        outcome: What a fault makes of it; empty for an undisturbed run.
        is_end_told: The webhook about its end was sent.
        is_url_expired: A fault let the result URL expire before its time.
        lines_done, roots_done: Progress of the export, written by whoever makes the file.
    """

    def __init__(
        self, *, id_: int, app: str, query: str, submitted: float, pace: Pace, outcome: BulkOutcome
    ) -> None:
        self.id = id_
        self.app = app
        self.query = query
        self.submitted = submitted
        self.outcome = outcome
        self.export: Export | None = None
        self.lines_done = 0
        self.roots_done = 0
        self._pace = pace
        self._export_ready: float | None = None
        self._failed: tuple[float, str] | None = None
        self.is_url_expired = False
        self.is_end_told = False
        self._cancelled: float | None = None

    def finish(self, export: Export, now: float) -> None:
        """The result file is ready."""
        self.export = export
        self._export_ready = now

    def fail(self, code: str, now: float) -> None:
        """The run cannot go on."""
        self._failed = (now, code)

    def cancel(self, now: float) -> None:
        """Somebody asked to cancel it; of no effect once it has ended."""
        if self.snapshot(now).status in {"CREATED", "RUNNING"}:
            self._cancelled = now

    def end_moment(self) -> float | None:
        """When it will be over, as far as that is known now."""
        started = self.submitted + self._pace.wait_seconds
        if self._cancelled is not None:
            is_stuck = self.outcome.is_cancel_stuck
            return None if is_stuck else self._cancelled + self._pace.cancel_seconds
        if self.outcome.stuck_in is not None:
            return self.submitted + RUN_LIMIT_SECONDS
        if self._failed is not None:
            return max(started, self._failed[0])
        return self._end()

    def snapshot(self, now: float) -> Snapshot:
        """The operation as it looks at a moment."""
        started = self.submitted + self._pace.wait_seconds
        if self._cancelled is not None:
            return self._cancelling(now, self._cancelled + self._pace.cancel_seconds)
        if self.outcome.stuck_in is not None:
            return self._stuck(now, is_created=now < started or self.outcome.stuck_in == "CREATED")
        if now < started:
            return self._view("CREATED", now)
        if self._failed is not None:
            return self._ended("FAILED", max(started, self._failed[0]), self._failed[1])
        ended = self._end()
        if ended is None or now < ended:
            return self._view("RUNNING", now)
        return self._over(now, ended)

    def _cancelling(self, now: float, until: float) -> Snapshot:
        if now < until or self.outcome.is_cancel_stuck:
            return self._view("CANCELING", now)
        return self._view("CANCELED", now, completed=until)

    def _stuck(self, now: float, *, is_created: bool) -> Snapshot:
        limit = self.submitted + RUN_LIMIT_SECONDS
        if now >= limit:
            return self._ended("FAILED", limit, "TIMEOUT")
        return self._view("CREATED" if is_created else "RUNNING", now)

    def _over(self, now: float, ended: float) -> Snapshot:
        if self.outcome.status is not None:
            return self._ended(self.outcome.status, ended, self.outcome.error_code)
        is_expired = now >= ended + URL_LIFE_SECONDS
        return self._ended("EXPIRED" if is_expired else "COMPLETED", ended, None)

    def _end(self) -> float | None:
        if self.export is None or self._export_ready is None:
            return None
        run = self._pace.run_time(self.export.line_count)
        return max(self.submitted + self._pace.wait_seconds + run, self._export_ready)

    def _view(self, status: str, now: float, completed: float | None = None) -> Snapshot:
        lines, roots = self._progress(now if completed is None else completed)
        if status == "CREATED":
            lines = roots = 0
        return Snapshot(
            id=self.id,
            query=self.query,
            status=status,
            error_code=None,
            created=self.submitted,
            completed=completed,
            object_count=lines,
            root_count=roots,
            file_size=None,
            has_url=False,
            has_partial_url=False,
        )

    def _ended(self, status: str, moment: float, error_code: str | None) -> Snapshot:
        export = self.export
        lines = self.lines_done if export is None else export.line_count
        roots = self.roots_done if export is None else export.root_count
        is_complete = status == "COMPLETED"
        is_partial = status in {"FAILED", "CANCELED"} and self.outcome.has_partial_data
        if is_partial:
            lines, roots = lines // 2, roots // 2
        has_file = is_complete and lines > 0 and not self.outcome.is_url_missing
        size = None
        if export is not None and (has_file or is_partial):
            size = _stored_size(export.size_bytes)
        return Snapshot(
            id=self.id,
            query=self.query,
            status=status,
            error_code=error_code,
            created=self.submitted,
            completed=moment,
            object_count=max(0, lines + self.outcome.count_error),
            root_count=roots,
            file_size=size,
            has_url=has_file,
            has_partial_url=is_partial and lines > 0,
        )

    def _progress(self, now: float) -> tuple[int, int]:
        elapsed = now - self.submitted - self._pace.wait_seconds
        if elapsed <= 0:
            return 0, 0
        if self.export is None:
            return self.lines_done, self.roots_done
        share = min(1.0, elapsed / max(1e-9, self._pace.run_time(self.export.line_count)))
        return int(self.export.line_count * share), int(self.export.root_count * share)


def _stored_size(size_bytes: int) -> int:
    """What Shopify calls the file's size: near the number of bytes downloaded, but not it."""
    return size_bytes + 1 + size_bytes % 61
