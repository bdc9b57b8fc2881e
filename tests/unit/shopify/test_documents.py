"""Every document that is sent to Shopify fits its schema, and none uses a deprecated field."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

import pytest
from graphql import (
    GraphQLSchema,
    NoDeprecatedCustomRule,
    build_schema,
    parse,
    specified_rules,
    validate,
)

from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.bulk.export_query import Window, export_query
from sync_engine.shopify.documents import document, document_names

WINDOW = Window(
    from_at=datetime(2026, 11, 1, tzinfo=UTC), until_at=datetime(2026, 11, 2, tzinfo=UTC)
)


@cache
def admin_schema() -> GraphQLSchema:
    """Return the extract of Shopify's schema, which keeps its deprecations."""
    extract = files("sync_engine.simulator") / "admin_2026_10.graphql"
    return build_schema(extract.read_text(encoding="utf-8"))


def objections(text: str) -> list[str]:
    rules = [*specified_rules, NoDeprecatedCustomRule]
    return [error.message for error in validate(admin_schema(), parse(text), rules)]


@pytest.mark.parametrize("name", document_names())
def test_a_document_is_valid_and_not_deprecated(name: str) -> None:
    assert objections(document(name).text) == []


@pytest.mark.parametrize("window", [Window(), WINDOW], ids=["everything", "a window"])
@pytest.mark.parametrize("resource", Resource)
def test_an_export_is_valid_and_not_deprecated(resource: Resource, window: Window) -> None:
    assert objections(export_query(resource, window, conditions="status:active")) == []


def test_a_deprecated_field_would_be_noticed() -> None:
    found = objections("{ products(first: 1) { nodes { bodyHtml } } }")
    assert len(found) == 1
    assert "Product.bodyHtml is deprecated" in found[0]


def test_an_unknown_field_would_be_noticed() -> None:
    assert objections("{ shop { mood } }") == ["Cannot query field 'mood' on type 'Shop'."]
