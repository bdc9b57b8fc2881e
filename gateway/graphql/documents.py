"""Documents that were parsed and judged once, so that asking the same again costs nothing.

A real client sends few different texts; one that never sends the same twice only pushes out what
was remembered. Long texts are not kept.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension

from gateway.graphql.cost.plan import CostPlan, plan_cost
from gateway.graphql.limits import Limits
from gateway.graphql.rules.document_limits import document_limits

_MAX_KEPT = 512
_MAX_KEPT_LENGTH = 32 * 1024


class KnownDocument:
    """A document with what was found out about it."""

    __slots__ = ("document", "plans", "verdicts")

    def __init__(self, document: DocumentNode) -> None:
        """Take a document that nobody has judged yet."""
        self.document = document
        self.verdicts: dict[bool, list[GraphQLError]] = {}
        self.plans: dict[str | None, CostPlan] = {}


class Documents:
    """All documents of one schema."""

    def __init__(self, limits: Limits) -> None:
        """Take the limits, of which the rule is made."""
        self._limits = limits
        self._rules = (document_limits(limits), *specified_rules)
        self._known: OrderedDict[str, KnownDocument] = OrderedDict()

    @property
    def max_tokens(self) -> int:
        """How long a document may be."""
        return self._limits.tokens

    def parsed(self, query: str) -> KnownDocument:
        """Return a document, parsed now or earlier.

        Raises:
            GraphQLSyntaxError: it is none, or too long a one.
        """
        known = self._known.get(query)
        if known is not None:
            self._known.move_to_end(query)
            return known
        known = KnownDocument(parse(query, max_tokens=self._limits.tokens))
        if len(query) <= _MAX_KEPT_LENGTH:
            self._known[query] = known
            if len(self._known) > _MAX_KEPT:
                self._known.popitem(last=False)
        return known

    def verdict(
        self, known: KnownDocument, schema: GraphQLSchema, *, has_suggestions: bool
    ) -> list[GraphQLError]:
        """Return what is wrong with a document; suggestions name what the schema has instead."""
        verdict = known.verdicts.get(has_suggestions)
        if verdict is None:
            verdict = validate(
                schema, known.document, self._rules, hide_suggestions=not has_suggestions
            )
            for error in verdict:
                error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED", **(error.extensions or {})}
            known.verdicts[has_suggestions] = verdict
        return verdict

    def plan(self, query: str, operation_name: str | None, schema: GraphQLSchema) -> CostPlan:
        """Return what an operation of a valid document will cost.

        Raises:
            QueryTooComplexError: it has too many fields.
        """
        known = self.parsed(query)
        plan = known.plans.get(operation_name)
        if plan is None:
            plan = plan_cost(
                known.document, operation_name, schema, max_fields=self._limits.selected_fields
            )
            known.plans[operation_name] = plan
        return plan


class DocumentCheck(SchemaExtension):
    """Parses and judges the document of an operation by way of what is known."""

    def __init__(self, documents: Documents) -> None:
        """Take what is known."""
        super().__init__()
        self._documents = documents

    def on_parse(self) -> Iterator[None]:
        """Give the operation its document; what cannot be read the library reads and reports."""
        operation = self.execution_context
        operation.parse_options["max_tokens"] = self._documents.max_tokens
        with suppress(GraphQLSyntaxError):
            operation.graphql_document = self._documents.parsed(operation.query or "").document
        yield

    def on_validate(self) -> Iterator[None]:
        """Give the operation the verdict."""
        operation = self.execution_context
        known = self._documents.parsed(operation.query or "")
        operation.pre_execution_errors = self._documents.verdict(
            known,
            operation.schema._schema,  # noqa: SLF001 - the library has no other way to it
            has_suggestions=operation.context.principal.is_operator,
        )
        yield
