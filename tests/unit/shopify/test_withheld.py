"""Which answers are used although they come with errors, and what is missing from them."""

from typing import Any

import msgspec
import pytest

from sync_engine.shopify.withheld import withheld_fields

DATA = {"page": {"nodes": [{"id": "1", "email": None, "home": {"city": None}}, None]}}
UNUSABLE = "This app is not approved to use the email field."


def found(*errors: Any, data: Any = None) -> frozenset[str] | None:
    return withheld_fields(list(errors), msgspec.Raw(msgspec.json.encode(data or DATA)))


def error(*path: str | int, message: str = UNUSABLE, **extensions: object) -> dict[str, Any]:
    bare = {"message": message, "path": list(path)}
    return bare | {"extensions": extensions} if extensions else bare


def test_fields_are_named_once_whatever_record_they_are_of() -> None:
    city = error("page", "nodes", 0, "home", "city", message="no", code="ACCESS_DENIED")
    email = error("page", "nodes", 0, "email")
    assert found(email, city, email) == frozenset({"email", "home.city"})


@pytest.mark.parametrize(
    "other",
    [
        error("page", "nodes", 0, "email", message="Internal error"),
        error("page", "nodes", 0, "email", code="INTERNAL_SERVER_ERROR"),
        error("page"),
        error("page", "nodes", 0),
        error("page", "nodes", 1, "email"),
        error("page", "nodes", 2, "email"),
        error("page", "somewhere", 0, "email"),
        error("page", "nodes", "id", 0, "email"),
        {"message": UNUSABLE},
        {"message": UNUSABLE, "path": "page"},
        UNUSABLE,
        None,
    ],
)
def test_an_answer_with_any_other_error_is_not_used(other: Any) -> None:
    assert found(error("page", "nodes", 0, "email"), other) is None


def test_an_answer_whose_null_has_taken_the_list_with_it_is_not_used() -> None:
    assert found(error("page", "nodes", 0, "email"), data={"page": None}) is None
    assert withheld_fields("no", msgspec.Raw(b"{}")) is None
    assert withheld_fields([error("page", "nodes", 0, "email")], msgspec.Raw(b"[" * 9000)) is None
