"""What a client takes, by its Accept header: one answer in JSON, or a stream of events.

The order of the header decides where qualities are equal. A client that lists streams behind JSON,
as urql does for every operation, wants JSON where that can carry the answer.
"""

from collections.abc import Mapping
from enum import Enum


class AnswerForm(Enum):
    """A form in which an operation can be answered; the value is its media type."""

    GRAPHQL_RESPONSE = "application/graphql-response+json"
    JSON = "application/json"
    EVENT_STREAM = "text/event-stream"
    MULTIPART = "multipart/mixed"

    @property
    def is_stream(self) -> bool:
        """Whether it can carry more than one result."""
        return self in {AnswerForm.EVENT_STREAM, AnswerForm.MULTIPART}


_BY_NAME = {form.value: form for form in AnswerForm} | {
    "*/*": AnswerForm.JSON,
    "application/*": AnswerForm.JSON,
}


def accepted_forms(accept: str) -> list[AnswerForm]:
    """Return the forms that an Accept header names, the preferred one first; JSON when in doubt."""
    wanted: dict[AnswerForm, float] = {}
    for part in accept.split(","):
        name, *rest = (piece.strip() for piece in part.split(";"))
        parameters = dict(_parameter(each) for each in rest)
        form = _BY_NAME.get(name.lower())
        if form is AnswerForm.MULTIPART and "subscriptionspec" not in parameters:
            continue  # another protocol over the same type, such as that of @defer
        if form is not None:
            wanted.setdefault(form, _quality(parameters))
    named = [form for form, quality in wanted.items() if quality > 0]
    return sorted(named, key=lambda form: -wanted[form]) or [AnswerForm.JSON]


def single_form(forms: list[AnswerForm]) -> AnswerForm:
    """Return in which form to give an answer that is no stream."""
    return next((form for form in forms if not form.is_stream), AnswerForm.JSON)


def stream_form(forms: list[AnswerForm]) -> AnswerForm | None:
    """Return in which form to give a stream; None where the client takes none."""
    return next((form for form in forms if form.is_stream), None)


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _quality(parameters: Mapping[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
