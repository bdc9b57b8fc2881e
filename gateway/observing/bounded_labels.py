"""Values of labels that come from outside, so many and no more: each is a series for ever."""

OTHER = "other"

_MOST_CHARACTERS = 64


class BoundedLabels:
    """Lets the first so many distinct values pass; what comes after them is ``other``."""

    def __init__(self, most: int) -> None:
        """Take how many values may become labels."""
        self._most = most
        self._known: set[str] = set()

    def of(self, value: str) -> str:
        """Return the label of a value."""
        if value in self._known:
            return value
        if len(self._known) >= self._most or len(value) > _MOST_CHARACTERS:
            return OTHER
        self._known.add(value)
        return value
