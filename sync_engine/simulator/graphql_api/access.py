"""What a request may not read: for want of a scope, or of approval for customers' data.

Source: shopify.dev, "Work with protected customer data": an unapproved type or field is null, with
an error that carries no code.
"""

from collections.abc import Mapping
from types import MappingProxyType

from graphql import GraphQLError, GraphQLOutputType, get_named_type, is_non_null_type

from sync_engine.simulator.graphql_api.errors import access_denied
from sync_engine.simulator.graphql_api.execution import Execution
from sync_engine.simulator.graphql_api.scopes import required_scope

_CUSTOMER_TYPES = frozenset({"Customer", "Order", "Refund"})
_FIELDS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Customer", "addresses"): "address",
        ("Customer", "addressesV2"): "address",
        ("Customer", "defaultAddress"): "address",
        ("Customer", "defaultEmailAddress"): "email",
        ("Customer", "defaultPhoneNumber"): "phone",
        ("Customer", "email"): "email",
        ("Customer", "firstName"): "name",
        ("Customer", "lastName"): "name",
        ("Customer", "phone"): "phone",
        ("MailingAddress", "firstName"): "name",
        ("MailingAddress", "lastName"): "name",
        ("MailingAddress", "name"): "name",
        ("MailingAddress", "phone"): "phone",
        ("Order", "billingAddress"): "address",
        ("Order", "email"): "email",
        ("Order", "phone"): "phone",
        ("Order", "shippingAddress"): "address",
    }
)
_HELP = "See https://shopify.dev/docs/apps/launch/protected-customer-data for more details."


def refusal(
    parent: str, field: str, type_: GraphQLOutputType, execution: Execution
) -> GraphQLError | None:
    """The error that takes a field's place, if it may not be read."""
    named = get_named_type(type_).name
    scope = required_scope(parent, field, named)
    if scope is not None and not execution.may(scope):
        return access_denied(field, scope)
    approval = execution.state.approval
    if approval.is_whole:
        return None
    subject = named.removesuffix("Connection")
    if subject in _CUSTOMER_TYPES and not approval.has_customers:
        return GraphQLError(f"This app is not approved to access the {subject} object. {_HELP}")
    kind = _FIELDS.get((parent, field))
    # Fields that are never null cannot be kept back this way.
    if kind is not None and kind not in approval.fields and not is_non_null_type(type_):
        return GraphQLError(f"This app is not approved to use the {field} field. {_HELP}")
    return None
