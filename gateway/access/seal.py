"""Seals what a cookie says, so that nobody else can read, change or make it."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Seal:
    """Seals with the first secret and opens with any, so that secrets can be rotated.

    Every purpose has keys of its own: what was sealed for one does not open for another.
    """

    def __init__(self, purpose: str, secrets: Sequence[str]) -> None:
        """Derive a key from each secret, newest first; without any, nothing can be sealed."""
        ring = [Fernet(_key(purpose, secret)) for secret in secrets if secret]
        self._ring = MultiFernet(ring) if ring else None

    def close(self, plain: bytes, now: datetime) -> str | None:
        """Return the sealed text; None where there is no secret to seal with."""
        if self._ring is None:
            return None
        sealed = self._ring.encrypt_at_time(plain, int(now.timestamp()))
        return sealed.decode().rstrip("=")  # which a cookie would have to quote

    def open(self, sealed: str, now: datetime, *, lives_seconds: int) -> bytes | None:
        """Return what was sealed; None where it is forged, under no secret of ours, or stale."""
        if self._ring is None:
            return None
        padded = sealed.encode() + b"=" * (-len(sealed) % 4)
        try:
            return self._ring.decrypt_at_time(padded, lives_seconds, int(now.timestamp()))
        except InvalidToken:
            return None


def _key(purpose: str, secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{secret}".encode()).digest())
