"""Walks the whole schema: every way to what is somebody's passes a rule that asks for its scope.

A field or a type that is new fails here until somebody says, in the tables below, whose it is.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from gateway.access.principal import Principal, PrincipalKind
from gateway.graphql.describing import api_type
from gateway.graphql.errors import ForbiddenError
from gateway.graphql.guarded import UnguardedFieldError, guarded_field, guarded_root
from gateway.graphql.permissions import AccessRule, AnyCaller, MutationRequires, Requires
from gateway.graphql.schema import build_schema
from sync_engine.model.access import ViewerScope

_DATA, _KPIS, _SYNC = ViewerScope.READ_DATA, ViewerScope.READ_KPIS, ViewerScope.READ_SYNC
_WRITE, _SET, _MANAGE = (
    ViewerScope.WRITE_SYNC,
    ViewerScope.WRITE_SETTINGS,
    ViewerScope.MANAGE_SHOPS,
)

# The scope of every root field; None lets everybody in and shows each caller its own.
ROOT_FIELDS: dict[str, ViewerScope | None] = {
    "Query.viewer": None,
    "Query.shop": None,
    "Query.shops": None,
    "Query.syncRun": _SYNC,
    "Mutation.startSync": _WRITE,
    "Mutation.cancelSync": _WRITE,
    "Mutation.retrySyncErrors": _WRITE,
    "Mutation.updateShopSettings": _SET,
    "Mutation.connectShop": _MANAGE,
    "Mutation.disconnectShop": _MANAGE,
    "Subscription.syncProgress": _SYNC,
    "Subscription.kpisUpdated": _KPIS,
}

# Where any of these scopes has been asked for on the way, the type may be seen. A mutation that
# changes a sync shows the sync that it has changed.
_OPERATORS = frozenset({_MANAGE})
_OF_A_SYNC = frozenset({_SYNC, _WRITE, _MANAGE})
TYPES: dict[str, frozenset[ViewerScope]] = {
    **dict.fromkeys(("Viewer", "Shop", "ShopSettings", "PageInfo", "UserError"), frozenset()),
    **dict.fromkeys(
        (
            *("Customer", "Product", "ProductVariant", "Order", "LineItem", "Refund"),
            *("RefundLineItem", "Money"),
        ),
        frozenset({_DATA}),
    ),
    **dict.fromkeys(
        (
            *("SyncStatus", "ResourceSyncStatus", "ApiBudget", "BudgetLevel", "SyncProgress"),
            *("SyncError", "WebhookEvent"),
        ),
        frozenset({_SYNC}),
    ),
    "AuditEvent": _OPERATORS,
    **dict.fromkeys(("SyncRun", "SyncRunStage", "StrategyFallback", "ApiUsage"), _OF_A_SYNC),
    **dict.fromkeys(
        (
            *("KpiReport", "KpiValues", "KpiPoint", "ProductSales", "SalesBreakdown", "Cohort"),
            *("CohortPeriod", "KpisUpdated"),
        ),
        frozenset({_KPIS}),
    ),
}

ROOTS = ("Query", "Mutation", "Subscription")
SCHEMA = build_schema()


def definition_of(name: str) -> StrawberryObjectDefinition:
    definition = SCHEMA.schema_converter.type_map[name].definition
    assert isinstance(definition, StrawberryObjectDefinition)
    return definition


def fields_of(name: str) -> dict[str, StrawberryField]:
    get_name = SCHEMA.config.name_converter.get_graphql_name
    return {get_name(field): field for field in definition_of(name).fields}


def rules_of(field: StrawberryField) -> list[AccessRule]:
    return [each for each in field.extensions if isinstance(each, AccessRule)]


def scope_of(field: StrawberryField) -> ViewerScope | None:
    """Return the scope that a field asks for, if it asks for one."""
    scopes = [
        each.scope for each in rules_of(field) if isinstance(each, Requires | MutationRequires)
    ]
    assert len(scopes) <= 1
    return scopes[0] if scopes else None


def object_types() -> Iterator[str]:
    for name, kind in SCHEMA.schema_converter.type_map.items():
        definition = kind.definition
        if isinstance(definition, StrawberryObjectDefinition) and not definition.is_input:
            yield name


def shown_type(name: str, field: str) -> str:
    """Return the name of what a field shows, a list or not."""
    kind: Any = SCHEMA._schema.type_map[name].fields[field].type  # type: ignore[attr-defined]  # noqa: SLF001
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    shown: str = kind.name
    return shown


def is_wrapping(name: str) -> bool:
    """Whether a type only carries others: a page of a list, or the answer of a mutation."""
    return name.endswith(("Connection", "Edge", "Payload"))


def test_every_root_field_asks_for_what_the_table_says() -> None:
    found = {
        f"{root}.{name}": scope_of(field)
        for root in ROOTS
        for name, field in fields_of(root).items()
        if rules_of(field)
    }
    named = {f"{root}.{name}" for root in ROOTS for name in fields_of(root)}
    assert set(found) == named, "a root field without a rule"
    expected = {name: scope for name, scope in ROOT_FIELDS.items() if name in named}
    assert found == expected


def test_every_type_is_in_the_table() -> None:
    plain = {name for name in object_types() if name not in ROOTS and not is_wrapping(name)}
    assert plain <= set(TYPES)


def test_every_way_to_a_type_asks_for_its_scope() -> None:
    """Follows every field from the roots, with the scopes that were asked for on the way."""
    waiting: list[tuple[str, frozenset[ViewerScope], str]] = [
        (root, frozenset(), root) for root in ROOTS
    ]
    seen: set[tuple[str, frozenset[ViewerScope]]] = set()
    while waiting:
        name, asked, way = waiting.pop()
        if (name, asked) in seen:
            continue
        seen.add((name, asked))
        wanted = TYPES.get(name, frozenset())
        assert not wanted or wanted & asked, f"{way} needs none of {sorted(wanted)}"
        for field_name, field in fields_of(name).items():
            shown = shown_type(name, field_name)
            if shown in set(object_types()):
                scope = scope_of(field)
                now_asked = asked if scope is None else asked | {scope}
                waiting.append((shown, now_asked, f"{way}.{field_name}"))
    reached = {name for name, _ in seen}
    assert reached == set(object_types()), "a type that no field shows"


SHOP_FIELDS = {
    **dict.fromkeys(("customers", "products", "orders", "customer", "product", "order"), _DATA),
    **dict.fromkeys(("sync", "syncRuns", "syncErrors", "webhookEvents"), _SYNC),
    "kpis": _KPIS,
    "auditEvents": _MANAGE,
}


def test_the_fields_of_a_shop_that_show_what_is_in_it_ask_for_their_scope() -> None:
    found = {name: scope for name, field in fields_of("Shop").items() if (scope := scope_of(field))}
    assert found == {name: scope for name, scope in SHOP_FIELDS.items() if name in found}
    assert set(SHOP_FIELDS) - set(found) <= {"kpis"}


def test_only_the_operator_connects_shops() -> None:
    (rule,) = rules_of(fields_of("Mutation")["connectShop"])
    assert isinstance(rule, MutationRequires)
    assert rule.is_for_operators


def test_no_root_type_can_be_made_with_a_field_for_whoever_comes() -> None:
    class Open:
        """A root with an open door."""

        @guarded_field(AnyCaller())
        def guarded(self) -> int:
            """A guarded field."""
            return 1

        @strawberry.field
        def forgotten(self) -> int:
            """A field that nobody guards."""
            return 1

    with pytest.raises(UnguardedFieldError, match=r"Open\.forgotten has no access rule"):
        guarded_root(Open)
    assert api_type(Open)


@pytest.mark.parametrize("scope", list(ViewerScope))
def test_a_rule_lets_nobody_pass_without_its_scope(scope: ViewerScope) -> None:
    def caller(*scopes: ViewerScope) -> Principal:
        return Principal(kind=PrincipalKind.SHOP, name="a", shop=None, scopes=frozenset(scopes))

    others = [each for each in ViewerScope if each is not scope]
    Requires(scope).check(caller(scope))
    with pytest.raises(ForbiddenError):
        Requires(scope).check(caller(*others))
    with pytest.raises(ForbiddenError):
        Requires(scope).check(caller())
