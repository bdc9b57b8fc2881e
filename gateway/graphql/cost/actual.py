"""The cost of what came back: the same prices, with the lengths that lists really have.

Nothing costs more than was requested: a page is no longer than `first`, and of a list's entries
the dearest counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.graphql.cost.plan import (
    UNPAGED_LENGTH,
    CostPlan,
    PlannedField,
    Shape,
    page_factor,
)


def actual_cost(plan: CostPlan, data: Mapping[str, Any]) -> int:
    """Return what an answer cost."""
    return _sum(plan.fields, data)


def _sum(fields: Iterable[PlannedField], value: Mapping[str, Any]) -> int:
    points = 0
    for field in fields:
        inner = value.get(field.key)
        if inner is not None:
            points += field.own if field.is_flat else _cost(field, inner)
    return points


def _cost(field: PlannedField, value: Any) -> int:
    match field.shape:
        case Shape.CONNECTION:
            return field.own + _sum(field.children, value)
        case Shape.NODES | Shape.EDGES:
            return _dearest(field, value) * page_factor(len(value)) if value else 0
        case Shape.LIST:
            length = len(value) if field.is_paged else min(len(value), UNPAGED_LENGTH)
            return _dearest(field, value) * page_factor(length) if value else 0
        case Shape.OBJECT:
            return field.own + _sum(field.children, value)


def _dearest(field: PlannedField, items: Sequence[Any]) -> int:
    if not field.children:
        return field.own
    below = (_sum(field.children, item) for item in items if item is not None)
    return field.own + max(below, default=0)
