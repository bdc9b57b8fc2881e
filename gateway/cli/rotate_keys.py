"""``echosignal tokens rotate-keys``: puts every shop's stored tokens under the newest key."""

from collections import Counter

from rich.console import Console

from config.settings import Settings
from gateway.cli.required_secrets import require_encryption_keys
from gateway.cli.running import CommandError
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.shops import ReencryptionOutcome


async def rotate_keys(settings: Settings, console: Console) -> None:
    """Encrypt anew what an older key encrypted, while everything else goes on working.

    Raises:
        CommandError: some tokens can be opened by no key that is set.
    """
    require_encryption_keys(settings)
    counts: Counter[ReencryptionOutcome] = Counter()
    async with open_engine(settings, duty=Duty.NONE) as engine:
        async for shop, outcome in engine.store.shops.encrypt_anew():
            counts[outcome] += 1
            if outcome is ReencryptionOutcome.UNREADABLE:
                console.print(f"{shop}: no key that is set opens its tokens")
    console.print(
        f"Encrypted the tokens of {counts[ReencryptionOutcome.DONE]:,} shops with the newest key; "
        f"{counts[ReencryptionOutcome.ALREADY]:,} were already."
    )
    unreadable = counts[ReencryptionOutcome.UNREADABLE]
    if unreadable:
        raise CommandError(
            f"{unreadable:,} could not be opened: add the key they are under to "
            "ECHOSIGNAL_ENCRYPTION_KEYS, after the new one, or have these shops install again"
        )
    console.print("Older keys may be removed from ECHOSIGNAL_ENCRYPTION_KEYS now.")
