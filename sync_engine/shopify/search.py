"""Writes the conditions of searches.

A misspelt field is ignored by Shopify and gives all records, so fields are spelled here once.

Source: shopify.dev, "Shopify API search syntax", read 2026-11-23.
"""

from datetime import UTC, datetime


def all_of(*conditions: str | None) -> str:
    """Return the condition that all of these hold; empty ones ask nothing."""
    return " AND ".join(condition for condition in conditions if condition)


def updated_since(moment: datetime) -> str:
    """Return the condition that a record was changed at this second or later.

    Never ``>``: from 2026-10 on it leaves out the whole second.
    """
    return f"updated_at:>={quoted(moment)}"


def id_after(number: int) -> str:
    """Return the condition that a record's id is greater."""
    return f"id:>{number}"


def quoted(moment: datetime) -> str:
    """Return a timestamp in UTC; without quotes it would lose its time of day."""
    return f"'{moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}'"
