"""Finds the largest page that Shopify allows, from what the pages so far have cost.

A list costs less for each record the longer it is, in steps. So a page that is longer by a quarter
or more costs less than the last one's price stretched to its length, and is never refused.

Source: shopify.dev, "GraphQL Admin API rate limits": a query may cost 1,000 points at most, a page
has 250 records at most.
"""

_FIRST_RECORDS = 50
_MOST_RECORDS = 250
_TARGET_POINTS = 950.0
_LEAST_GROWTH = 1.25


class PageSize:
    """How many records to ask for at a time."""

    def __init__(self, most_records: int) -> None:
        """Never ask for more than so many."""
        self._most = min(most_records, _MOST_RECORDS)
        self.records = min(_FIRST_RECORDS, self._most)
        self.most_points: float | None = None

    def learn(self, points: float | None) -> None:
        """Note what a page of the present size may cost at most, as Shopify says."""
        if not points:
            return
        before = self.records
        after = max(1, min(self._most, int(before * _TARGET_POINTS / points)))
        if before < after < before * _LEAST_GROWTH:
            return
        self.records = after
        self.most_points = points * max(1.0, after / before)

    def shrink(self) -> bool:
        """Note that a page of the present size costs too much; False where it cannot be smaller."""
        if self.records == 1:
            return False
        self.records //= 2
        self._most = self.records
        return True
