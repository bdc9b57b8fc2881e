"""Expected failures of mutations, which are data and not errors."""

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.enums import UserErrorCode


@api_type
class UserError:
    """Why a mutation did not do what was asked, and what to change."""

    field: list[str] | None = strawberry.field(
        description="The way to the input that is at fault, such as [input, shop]; null where it "
        "is none in particular."
    )
    message: str = strawberry.field(description="What is wrong and what to do, for people.")
    code: UserErrorCode = strawberry.field(description="What sort of failure it is, for programs.")


def user_error(code: UserErrorCode, message: str, *field: str) -> UserError:
    """Return an error that points at a field of the mutation's input."""
    return UserError(field=["input", *field], message=message, code=code)
