"""Which requests are hit: rules, in the order in which they were armed.

A rule is a JSON object:

    {"shop": "demo.myshopify.com",     any shop if left out
     "kind": "graphql",                graphql, bulk_submit, bulk_poll, download, rest or oauth;
                                       any kind if left out
     "contains": "updated_at",         part of the operation: GraphQL text with its variables, REST
                                       path with its query, OAuth form, path of the download
     "skip": 2,                        let the first two matches pass
     "times": 1,                       then hit so many (default 1; null: for ever)
     "probability": 0.1, "seed": 7,    hit each match with this probability, drawn from the seed
     "action": {...}}                  see `actions`

The first rule that matches and is due decides; a request is never hit twice.
"""

from random import Random

from msgspec import UNSET, Struct, UnsetType

from sync_engine.simulator.faults.actions import Action

KINDS = ("graphql", "bulk_submit", "bulk_poll", "download", "rest", "oauth")


class FaultRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as it is armed; see the module."""

    action: Action
    shop: str | None = None
    kind: str | None = None
    contains: str | None = None
    skip: int = 0
    times: int | UnsetType | None = UNSET
    probability: float | None = None
    seed: int = 0


class RequestMarks(Struct, frozen=True):
    """What rules look at."""

    shop: str
    kind: str
    operation: str


class _Armed:
    def __init__(self, id_: int, rule: FaultRule) -> None:
        self.id = id_
        self.rule = rule
        self.matches = 0
        self.hits = 0
        self._draw = Random(rule.seed).random  # noqa: S311 - reproducible faults, no secret

    def strikes(self, marks: RequestMarks) -> bool:
        rule = self.rule
        if rule.shop not in {None, marks.shop} or rule.kind not in {None, marks.kind}:
            return False
        if rule.contains is not None and rule.contains not in marks.operation:
            return False
        times = rule.times
        if times is UNSET:
            times = 1 if rule.probability is None else None
        if times is not None and self.hits >= times:
            return False
        self.matches += 1
        if self.matches <= rule.skip:
            return False
        if rule.probability is not None and self._draw() >= rule.probability:
            return False
        self.hits += 1
        return True


class FaultRules:
    """All armed rules."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._next_id = 1

    def arm(self, rule: FaultRule) -> int:
        """Arm a rule; returns its number."""
        self._armed.append(_Armed(self._next_id, rule))
        self._next_id += 1
        return self._armed[-1].id

    def disarm(self, id_: int) -> bool:
        """Take a rule away; False if there is none of this number."""
        before = len(self._armed)
        self._armed = [armed for armed in self._armed if armed.id != id_]
        return len(self._armed) < before

    def clear(self) -> None:
        """Take all rules away."""
        self._armed.clear()

    def strike(self, marks: RequestMarks) -> Action | None:
        """What happens to this request, if anything."""
        for armed in self._armed:
            if armed.strikes(marks):
                return armed.rule.action
        return None

    def report(self) -> list[dict[str, object]]:
        """The armed rules with how often they matched and hit."""
        return [
            {"id": a.id, "rule": a.rule, "matches": a.matches, "hits": a.hits} for a in self._armed
        ]
