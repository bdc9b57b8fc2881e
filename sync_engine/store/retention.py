"""How long what is not the copy itself is kept. MongoDB deletes it then, within about a minute."""

import msgspec

_DAY_SECONDS = 24 * 3600


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """Days. Field names are what indexes in the layout name as their time to live."""

    webhook_event_days: int = 7
    sync_error_days: int = 90
    sync_run_days: int = 400
    data_export_days: int = 30
    audit_days: int = 730
    engagement_days: int = 366

    def seconds(self, name: str) -> int:
        """Return a time to live by its name."""
        days: int = getattr(self, name)
        return days * _DAY_SECONDS


DEFAULT_RETENTION = Retention()
