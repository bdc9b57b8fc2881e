"""Reading plain fields without ceremony gives what the library gives, errors included."""

from dataclasses import field
from enum import Enum
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from gateway.graphql.plain_fields import PlainFieldExecutor, mark_plain_fields


@strawberry.enum
class Colour(Enum):
    """A leaf that is no scalar."""

    RED = "red"
    BLUE = "blue"


@strawberry.type
class Leaf:
    """Plain fields and one that has a resolver."""

    number: int
    colour: Colour | None
    texts: list[str | None]

    @strawberry.field
    async def slow(self) -> int:
        return self.number + 1


@strawberry.type
class Branch:
    """Objects within objects."""

    name: str | None
    leaf: Leaf
    other: Leaf | None
    leaves: list[Leaf]
    sparse: list[Leaf | None] = field(default_factory=list)


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def branches(self) -> list[Branch | None]:
        return BRANCHES


BRANCHES: list[Branch | None] = []

PLAIN = strawberry.Schema(query=Query)
QUICK = strawberry.Schema(query=Query, execution_context_class=PlainFieldExecutor)
mark_plain_fields(QUICK._schema)  # noqa: SLF001 - the library has no other way to it

QUERY = """query($with: Boolean = true) { branches {
    __typename name again: name
    leaf { number colour }
    other @include(if: $with) { ...whole }
    leaves { ... on Leaf { texts } }
    sparse { number texts slow } } }
  fragment whole on Leaf { kind: __typename number colour texts }"""


def is_wrong(share: int) -> st.SearchStrategy[bool]:
    """Return what says now and then that a value is to be one that its field does not allow."""
    return st.integers(0, share).map(lambda number: number == share)


@st.composite
def leaves(draw: st.DrawFn) -> Any:
    number: Any = object() if draw(is_wrong(9)) else draw(st.sampled_from([1, 2**31 - 1]))
    texts: Any = None if draw(is_wrong(9)) else draw(st.lists(st.none() | st.text(max_size=3)))
    return Leaf(number=number, colour=draw(st.none() | st.sampled_from(Colour)), texts=texts)


@st.composite
def branches(draw: st.DrawFn) -> Branch:
    leaf: Any = None if draw(is_wrong(9)) else draw(leaves())
    return Branch(
        name=draw(st.none() | st.text(max_size=3)),
        leaf=leaf,
        other=draw(st.none() | leaves()),
        leaves=draw(st.lists(leaves(), max_size=3)),
        sparse=draw(st.lists(st.none() | leaves(), max_size=3)),
    )


@given(st.lists(st.none() | branches(), max_size=4), st.booleans())
async def test_answers_are_those_of_the_library(found: list[Branch | None], asked: bool) -> None:  # noqa: FBT001
    BRANCHES[:] = found
    for query in (QUERY, QUERY.replace("slow", "")):
        answers = [
            await schema.execute(query, variable_values={"with": asked})
            for schema in (PLAIN, QUICK)
        ]
        (expected, errors), (data, others) = ((each.data, each.errors) for each in answers)
        assert data == expected
        assert _shown(others) == _shown(errors)


def _shown(errors: Any) -> list[Any]:
    return sorted((str(each.message), str(each.path)) for each in errors or ())


@pytest.mark.parametrize("query", ["{ __schema { queryType { name } } }", "{ __typename }"])
async def test_what_the_library_adds_can_be_asked_for(query: str) -> None:
    expected, found = [await schema.execute(query) for schema in (PLAIN, QUICK)]
    assert found.errors is None
    assert found.data == expected.data
