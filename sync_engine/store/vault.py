"""Encrypts the tokens of shops at rest, with keys that can be rotated."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from sync_engine.model.errors import FatalError


class InvalidKeyError(ValueError):
    """A key is not a Fernet key; says how to make one."""

    def __init__(self) -> None:
        """Say what to do; the key itself is a secret and stays out of the text."""
        super().__init__(
            "an encryption key is not a Fernet key: make one with "
            "python -c 'from cryptography.fernet import Fernet; "
            "print(Fernet.generate_key().decode())'"
        )


class Vault:
    """Encrypts with the newest key and decrypts with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys, newest first; without any, tokens can neither be kept nor read.

        Raises:
            InvalidKeyError: one of them is not 32 bytes in URL-safe base64.
        """
        try:
            ring = [Fernet(key) for key in keys]
        except ValueError as error:
            raise InvalidKeyError from error
        self._ring = MultiFernet(ring) if ring else None
        self._newest = ring[0] if ring else None

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key opens it, so that the others are not needed for it."""
        if self._newest is None:
            return False
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def seal(self, secret: str) -> str:
        """Return the secret as text that is safe to store."""
        return self._keys().encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the secret.

        Raises:
            FatalError: no key at hand opens it.
        """
        try:
            return self._keys().decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            message = (
                "a stored token cannot be decrypted: add the key it was encrypted with to "
                "ECHOSIGNAL_ENCRYPTION_KEYS, after the new one"
            )
            raise FatalError(message) from error

    def _keys(self) -> MultiFernet:
        if self._ring is None:
            raise FatalError("set ECHOSIGNAL_ENCRYPTION_KEYS: shops' tokens are kept encrypted")
        return self._ring
