"""Spellings that every transport's mapper gives a value, so that equal shops give equal records."""

from collections.abc import Iterable
from datetime import UTC, datetime


def optional_text(text: str | None) -> str | None:
    """Return the text, None where it is empty: REST writes empty what GraphQL leaves null."""
    return text or None


def sorted_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return each tag once; they are a set, and Shopify promises no order."""
    return tuple(sorted({stripped for tag in tags if (stripped := tag.strip())}))


def split_tags(text: str | None) -> tuple[str, ...]:
    """Read REST's tags, one text with commas between them; no tag holds a comma."""
    return sorted_tags((text or "").split(","))


def display_name(
    first_name: str | None, last_name: str | None, email: str | None, phone: str | None
) -> str:
    """Return what a customer is called; REST does not say, so it is derived for every transport.

    Source: Customer.displayName in the Admin API: the full name, else the e-mail address, else the
    phone number.
    """
    return " ".join(filter(None, (first_name, last_name))) or email or phone or ""


def utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; REST writes it with the offset of the shop's time zone.

    Raises:
        ValueError: the moment has no offset, so nobody knows when it was.
    """
    if moment.tzinfo is None:
        message = f"{moment.isoformat()} has no offset from UTC"
        raise ValueError(message)
    return moment.astimezone(UTC)
