"""Reads a search query into a tree.

    updated_at:>='2026-11-01T00:00:00Z' AND (status:open OR -tag:"vip")

Terms next to each other are joined by AND; AND binds tighter than OR; `-` and NOT negate. Nothing
is ever a syntax error: like Shopify, the parser makes the best of what it gets.

Source: shopify.dev, "Shopify API search syntax".
"""

import re

from msgspec import Struct

_TOKEN = re.compile(
    r"""
    \s*(?:
      (?P<open>\()
    | (?P<close>\))
    | (?P<minus>-(?=[^\s]))
    | (?P<field>[A-Za-z_][A-Za-z0-9_.$-]*)\s*:(?P<comparator><=|>=|<|>|)
    | (?P<single>'(?:[^'\\]|\\.)*'?)
    | (?P<double>"(?:[^"\\]|\\.)*"?)
    | (?P<word>[^\s()]+)
    )
    """,
    re.VERBOSE,
)
_VALUE = re.compile(
    r"""(?P<single>'(?:[^'\\]|\\.)*'?)|(?P<double>"(?:[^"\\]|\\.)*"?)|(?P<word>[^\s()]*)"""
)
_ESCAPE = re.compile(r"\\(.)")


class Term(Struct, frozen=True):
    """One condition; `field` is None for a bare word.

    Attributes:
        comparator: One of `<`, `<=`, `>`, `>=`, or empty for equality.
        is_quoted: Quoted values keep their time of day and their spaces.
    """

    field: str | None
    comparator: str
    value: str
    is_quoted: bool


class Not(Struct, frozen=True):
    """The opposite of a condition."""

    child: "Node"


class And(Struct, frozen=True):
    """All of the conditions; matches everything if there are none."""

    children: tuple["Node", ...]


class Or(Struct, frozen=True):
    """Any of the conditions."""

    children: tuple["Node", ...]


Node = Term | Not | And | Or


def parse(query: str) -> Node:
    """The tree of a query; an empty query is an `And` of nothing."""
    return _Parser(query).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def parse(self) -> Node:
        node = self._any_of()
        while self._peek() is not None:  # a closing parenthesis too many
            self._take()
            node = And((node, self._any_of()))
        return node

    def _peek(self) -> re.Match[str] | None:
        match = _TOKEN.match(self._text, self._place)
        return match if match is not None and match.lastgroup is not None else None

    def _take(self) -> None:
        match = self._peek()
        if match is not None:
            self._place = match.end()

    def _keyword(self, word: str) -> bool:
        match = self._peek()
        if match is not None and match["word"] == word:
            self._place = match.end()
            return True
        return False

    def _any_of(self) -> Node:
        children = [self._all_of()]
        while self._keyword("OR"):
            children.append(self._all_of())
        return children[0] if len(children) == 1 else Or(tuple(children))

    def _all_of(self) -> Node:
        children: list[Node] = []
        while (match := self._peek()) is not None and match["close"] is None:
            if match["word"] == "OR":
                break
            if not self._keyword("AND"):
                children.append(self._one())
        return children[0] if len(children) == 1 else And(tuple(children))

    def _one(self) -> Node:
        if self._keyword("NOT"):
            return Not(self._one())
        match = self._peek()
        if match is None or match["close"] is not None:
            return And(())
        self._place = match.end()
        if match["minus"] is not None:
            return Not(self._one())
        if match["open"] is not None:
            node = self._any_of()
            closing = self._peek()
            if closing is not None and closing["close"] is not None:
                self._place = closing.end()
            return node
        if match["field"] is not None:
            value, is_quoted = self._value()
            return Term(match["field"], match["comparator"], value, is_quoted)
        value, is_quoted = _unquoted(match)
        return Term(None, "", value, is_quoted)

    def _value(self) -> tuple[str, bool]:
        match = _VALUE.match(self._text, self._place)
        if match is None:
            return "", False
        self._place = match.end()
        return _unquoted(match)


def _unquoted(match: re.Match[str]) -> tuple[str, bool]:
    quoted = match["single"] or match["double"]
    if quoted is None:
        return _ESCAPE.sub(r"\1", match["word"]), False
    inner = quoted[1:-1] if len(quoted) > 1 and quoted[-1] == quoted[0] else quoted[1:]
    return _ESCAPE.sub(r"\1", inner), True
