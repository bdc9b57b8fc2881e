"""Stops reading a request's body at a limit, whatever length the client has announced."""

from starlette.types import Message, Receive, Scope

MAX_BODY_BYTES = 1024 * 1024


class BodyTooLargeError(Exception):
    """The body is larger than the limit; the rest of it was not read."""


def limited(receive: Receive, scope: Scope) -> Receive:
    """Return a ``receive`` that raises at the limit, at once where the length is announced.

    Raises:
        BodyTooLargeError: from the returned function.
    """
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    seen = 0

    async def receive_limited() -> Message:
        nonlocal seen
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            raise BodyTooLargeError
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise BodyTooLargeError
        return message

    return receive_limited
