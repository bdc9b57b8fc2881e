"""What a command must be given before it may run, and what to do where it is missing."""

from config.settings import Settings
from gateway.cli.running import CommandError

_MAKE_KEY = (
    "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
)


def require_encryption_keys(settings: Settings) -> None:
    """Refuse to touch shops' tokens without a key to encrypt them with.

    Raises:
        CommandError: there is none.
    """
    if not settings.encryption_keys:
        raise CommandError(f"set ECHOSIGNAL_ENCRYPTION_KEYS; make a key with: {_MAKE_KEY}")


def require_app_credentials(settings: Settings) -> None:
    """Refuse to ask Shopify in the app's own name without its key and secret.

    Raises:
        CommandError: one of them is missing.
    """
    if not settings.shopify.api_key or settings.shopify.api_secret is None:
        raise CommandError("set ECHOSIGNAL_SHOPIFY_API_KEY and ECHOSIGNAL_SHOPIFY_API_SECRET")


def require_secrets(settings: Settings) -> None:
    """Refuse to serve anything insecurely.

    Raises:
        CommandError: something is missing; the text names all of it.
    """
    needed = {
        "ECHOSIGNAL_SHOPIFY_API_KEY": settings.shopify.api_key,
        "ECHOSIGNAL_SHOPIFY_API_SECRET": settings.shopify.api_secret,
        "ECHOSIGNAL_ENCRYPTION_KEYS": settings.encryption_keys,
        "ECHOSIGNAL_OPERATOR_TOKEN": settings.operator_token,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise CommandError(f"set {', '.join(missing)} (echosignal demo needs none of them)")
