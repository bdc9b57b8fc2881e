"""Tells how long MongoDB's commands take: their names alone, never what they carry."""

from pymongo import monitoring

from sync_engine.model.telemetry import Telemetry


class CommandWatch(monitoring.CommandListener):
    """Hears of every command of a client, in the driver's threads."""

    def __init__(self, telemetry: Telemetry) -> None:
        """Take whom to tell."""
        self._telemetry = telemetry

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Wait for the outcome: the time comes with it."""

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Tell of a command that was answered."""
        self._tell(event, has_failed=False)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Tell of a command that was refused, or not answered."""
        self._tell(event, has_failed=True)

    def _tell(
        self,
        event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent,
        *,
        has_failed: bool,
    ) -> None:
        seconds = event.duration_micros / 1_000_000
        self._telemetry.database_answered(event.command_name, seconds, has_failed=has_failed)
