"""Documents are parsed, judged and priced once, however often they come."""

import pytest
from graphql import GraphQLSyntaxError, build_schema

from gateway.graphql.documents import Documents
from gateway.graphql.limits import Limits

SCHEMA = build_schema("type Query { name: String }")


def test_what_was_found_out_is_remembered() -> None:
    documents = Documents(Limits())
    known = documents.parsed("{ name }")
    assert documents.parsed("{ name }") is known
    verdict = documents.verdict(known, SCHEMA, has_suggestions=False)
    assert verdict == []
    assert documents.verdict(known, SCHEMA, has_suggestions=False) is verdict
    plan = documents.plan("{ name }", None, SCHEMA)
    assert documents.plan("{ name }", None, SCHEMA) is plan


def test_suggestions_are_remembered_apart() -> None:
    documents = Documents(Limits())
    known = documents.parsed("{ nam }")
    for has_suggestions in (True, False, True):
        (error,) = documents.verdict(known, SCHEMA, has_suggestions=has_suggestions)
        assert ("Did you mean" in error.message) is has_suggestions


def test_texts_that_never_come_again_do_not_pile_up() -> None:
    documents = Documents(Limits())
    first = documents.parsed("{ a0: name }")
    for number in range(1, 600):
        documents.parsed(f"{{ a{number}: name }}")
    assert documents.parsed("{ a0: name }") is not first
    long = f"{{ name }} #{'x' * 40_000}"
    assert documents.parsed(long) is not documents.parsed(long)


def test_a_document_has_so_many_tokens() -> None:
    with pytest.raises(GraphQLSyntaxError, match="more than 3 tokens"):
        Documents(Limits(tokens=3)).parsed("{ a b c }")
