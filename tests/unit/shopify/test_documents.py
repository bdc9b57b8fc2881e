"""Every document that is sent to Shopify is valid there and asks for nothing deprecated."""

from importlib.resources import files

import pytest
from graphql import GraphQLSchema, NoDeprecatedCustomRule, build_schema, parse, specified_rules
from graphql.validation import validate

from sync_engine.shopify.documents import document, document_names


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """Return the extract of Shopify's Admin schema."""
    text = files("sync_engine.simulator").joinpath("admin_2026_10.graphql").read_text()
    return build_schema(text)


@pytest.mark.parametrize("name", document_names())
def test_a_document_is_valid_and_up_to_date(schema: GraphQLSchema, name: str) -> None:
    parsed = parse(document(name).text)
    assert validate(schema, parsed, [*specified_rules, NoDeprecatedCustomRule]) == []
