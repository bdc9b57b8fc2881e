"""What decoding may raise for bytes that somebody else wrote."""

import msgspec

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Not JSON or of another shape, not UTF-8, nested too deep: each comes as an error of its own."""
