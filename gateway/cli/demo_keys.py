"""The demo's keys: made at its first start, so that a later start can open its database."""

import secrets
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet


class DemoKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What a real installation is given by its settings."""

    encryption_key: str
    operator_token: str
    api_key: str
    api_secret: str


def load_demo_keys(directory: Path) -> DemoKeys:
    """Return the keys that are kept in the directory, made where there are none."""
    file = directory / "keys.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=DemoKeys)
    except (FileNotFoundError, msgspec.MsgspecError):
        keys = DemoKeys(
            encryption_key=Fernet.generate_key().decode(),
            operator_token=secrets.token_urlsafe(24),
            api_key=f"demo-{secrets.token_hex(8)}",
            api_secret=secrets.token_hex(16),
        )
        directory.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(msgspec.json.encode(keys))
        return keys
