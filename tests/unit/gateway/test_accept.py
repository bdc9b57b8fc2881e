"""The order of the Accept header decides how an operation is answered."""

import pytest

from gateway.graphql.accept import AnswerForm, accepted_forms, single_form, stream_form

URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
APOLLO = (
    "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,"
    "application/json;q=0.9"
)


@pytest.mark.parametrize(
    ("accept", "single", "stream"),
    [
        ("", AnswerForm.JSON, None),
        ("*/*", AnswerForm.JSON, None),
        ("text/html", AnswerForm.JSON, None),
        ("application/json;q=0, */*", AnswerForm.JSON, None),
        (URQL, AnswerForm.GRAPHQL_RESPONSE, AnswerForm.EVENT_STREAM),
        (APOLLO, AnswerForm.GRAPHQL_RESPONSE, AnswerForm.MULTIPART),
        ("multipart/mixed;deferSpec=20220824", AnswerForm.JSON, None),
        ("application/json;q=x, application/graphql-response+json;q=0.1", None, None),
    ],
)
def test_a_single_answer_and_a_stream_are_chosen(
    accept: str, single: AnswerForm | None, stream: AnswerForm | None
) -> None:
    forms = accepted_forms(accept)
    assert single_form(forms) is (single or AnswerForm.GRAPHQL_RESPONSE)
    assert stream_form(forms) is stream


def test_the_order_decides_whether_a_stream_is_preferred() -> None:
    assert accepted_forms(URQL)[0] is AnswerForm.GRAPHQL_RESPONSE
    assert accepted_forms(APOLLO)[0] is AnswerForm.MULTIPART
    assert accepted_forms("text/event-stream, application/json")[0] is AnswerForm.EVENT_STREAM
    assert accepted_forms("text/event-stream;q=0.5, application/json")[0] is AnswerForm.JSON
