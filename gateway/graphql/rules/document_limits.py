"""Refuses documents that are too much, before any other rule has looked at them.

The other rules compare fields with fields and fragments with fragments, so a document that is made
to be slow is slow in them. A class made once for all requests, for verdicts are remembered by
document and rules.
"""

from collections.abc import Iterator

from graphql import ASTValidationRule, DocumentNode, ValidationContext, ValidationRule
from graphql.validation.validate import ValidationAbortedError

from gateway.graphql.errors import QueryTooComplexError
from gateway.graphql.limits import Limits
from gateway.graphql.rules.depth import deepest_level
from gateway.graphql.rules.tally import tally


def document_limits(limits: Limits) -> type[ASTValidationRule]:
    """Return the rule for these limits; it has to be the first."""

    class DocumentLimits(ValidationRule):
        """Ends the validation where a limit is passed."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)

        def enter_document(self, node: DocumentNode, *_args: object) -> None:
            for sentence in _objections(node, limits):
                raise ValidationAbortedError(
                    sentence, extensions={"code": QueryTooComplexError.code}
                )

    return DocumentLimits


def _objections(document: DocumentNode, limits: Limits) -> Iterator[str]:
    depth = deepest_level(document)
    if depth > limits.depth:
        yield f"The operation is {depth} levels deep: {limits.depth} are allowed."
    counted = tally(document)
    for things, found, allowed in (
        ("aliases", counted.aliases, limits.aliases),
        ("directives", counted.directives, limits.directives),
        ("fragment spreads", counted.fragment_spreads, limits.fragment_spreads),
        ("repeated fields", counted.repeated_fields, limits.repeated_fields),
    ):
        if found > allowed:
            yield f"The document has {found} {things}: {allowed} are allowed."
