"""Who goes first when several wait for the same allowance."""

from enum import IntEnum


class Priority(IntEnum):
    """For whom a piece of work calls Shopify; the lower goes first."""

    PERSON = 0
    """Somebody looks at the screen and waits."""
    WEBHOOK = 1
    """A change just happened, and the copy is behind by it."""
    INCREMENTAL = 2
    """The copy catches up with what has changed."""
    INITIAL = 3
    """The copy is made or checked from end to end: much, and nobody waits for the single call."""
