"""How results are written one after another into one response.

Sources: graphql-sse, "distinct connections mode" (github.com/enisdenjo/graphql-sse/PROTOCOL.md),
and Apollo's multipart protocol for subscriptions (apollographql.com/docs/router, "HTTP multipart").
"""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from gateway.graphql.accept import AnswerForm


class Framing(Protocol):
    """A way to write a stream."""

    @property
    def content_type(self) -> str:
        """The media type of the response."""

    @property
    def opening(self) -> bytes:
        """What is written at once, so that the client knows that it is connected."""

    @property
    def heartbeat(self) -> bytes:
        """What is written where nothing happens, so that nobody in between hangs up."""

    @property
    def ending(self) -> bytes:
        """What is written after the last result."""

    def result(self, content: Mapping[str, Any]) -> bytes:
        """Return one result as it is written."""


class EventStreamFraming:
    """Server-sent events, with line feeds alone: urql reads no others."""

    content_type = "text/event-stream; charset=utf-8"
    opening = b":\n\n"
    heartbeat = b":\n\n"
    ending = b"event: complete\ndata: \n\n"

    def result(self, content: Mapping[str, Any]) -> bytes:
        """Return one result as an event."""
        return b"event: next\ndata: " + orjson.dumps(content) + b"\n\n"


class MultipartFraming:
    """Parts of JSON; each ends with the boundary, so that a client need not wait for the next."""

    content_type = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
    opening = b"\r\n--graphql"
    heartbeat = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"
    ending = b"--\r\n"

    def result(self, content: Mapping[str, Any]) -> bytes:
        """Return one result as a part."""
        body = orjson.dumps({"payload": content})
        return b"\r\nContent-Type: application/json\r\n\r\n" + body + b"\r\n--graphql"


def framing_of(form: AnswerForm) -> Framing:
    """Return the way to write a stream in a form that is one."""
    return EventStreamFraming() if form is AnswerForm.EVENT_STREAM else MultipartFraming()
