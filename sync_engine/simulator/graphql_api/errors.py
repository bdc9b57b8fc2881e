"""Errors that the Admin API puts into `errors` of an answer."""

from graphql import GraphQLError

_DOCUMENTATION = "https://shopify.dev/api/usage"


def bad_request(message: str) -> GraphQLError:
    """A field was asked for in a way that it does not allow."""
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def access_denied(field: str, scope: str) -> GraphQLError:
    """The token lacks a scope; the field is null.

    Source: shopify.dev, "GraphQL Admin API reference", status and error codes.
    """
    required = f"`{scope}` access scope."
    return GraphQLError(
        f"Access denied for {field} field. Required access: {required}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": f"{_DOCUMENTATION}/access-scopes",
            "requiredAccess": required,
        },
    )


def not_simulated(what: str) -> GraphQLError:
    """Shopify would answer this, the simulator cannot: say so rather than make something up."""
    return GraphQLError(
        f"The simulator does not simulate {what}", extensions={"code": "NOT_SIMULATED"}
    )


def invalid_global_id(text: str) -> GraphQLError:
    """An id argument that is no global id."""
    return GraphQLError(
        f"Invalid global id '{text}'", extensions={"code": "argumentLiteralsIncompatible"}
    )
