"""The cost of a planned operation before it runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.graphql.cost.plan import CostPlan, PlannedField, Shape, page_factor


@dataclass(frozen=True, slots=True)
class Requested:
    """Points by Shopify's prices, and nodes of lists in pages that are all full."""

    points: int
    nodes: int


def requested_cost(plan: CostPlan, variables: Mapping[str, Any] | None) -> Requested:
    """Return what an operation costs with these variables."""
    return _sum(plan.fields, variables or {})


def _sum(fields: Iterable[PlannedField], variables: Mapping[str, Any]) -> Requested:
    points = nodes = 0
    for field in fields:
        cost = _cost(field, variables)
        points += cost.points
        nodes += cost.nodes
    return Requested(points, nodes)


def _cost(field: PlannedField, variables: Mapping[str, Any]) -> Requested:
    below = _sum(field.children, variables)
    length = 1 if field.size is None else field.size.resolve(variables)
    if field.shape is Shape.CONNECTION:
        is_read = any(child.shape in {Shape.NODES, Shape.EDGES} for child in field.children)
        nodes = length * (1 + below.nodes) if is_read else 0
        return Requested(field.own + below.points * page_factor(length), nodes)
    if field.shape is Shape.LIST:
        return Requested((field.own + below.points) * page_factor(length), length * below.nodes)
    return Requested(field.own + below.points, below.nodes)
