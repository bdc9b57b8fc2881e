"""``echosignal tokens``: makes, lists and revokes the tokens of API callers."""

from collections.abc import Collection
from datetime import datetime, timedelta

import orjson
from rich.console import Console
from rich.table import Table

from config.settings import Settings
from gateway.cli.acting import record_command
from gateway.cli.running import CommandError
from sync_engine.model.access import ApiToken, ViewerScope
from sync_engine.model.shop_domain import parse_shop_domain
from sync_engine.open_engine import Duty, open_engine

DEFAULT_SCOPES = (
    ViewerScope.READ_DATA,
    ViewerScope.READ_KPIS,
    ViewerScope.READ_SYNC,
    ViewerScope.WRITE_SYNC,
)
"""What a token may do unless it is said; changing settings has to be asked for."""


async def create_token(
    settings: Settings,
    domain: str,
    scopes: Collection[ViewerScope],
    console: Console,
    *,
    expires_days: int | None,
    as_json: bool,
) -> None:
    """Make a token for a connected shop and show it, this once."""
    shop = parse_shop_domain(domain)
    if ViewerScope.MANAGE_SHOPS in scopes:
        raise CommandError("MANAGE_SHOPS is the operator's alone: a shop's token cannot have it")
    async with open_engine(settings, duty=Duty.NONE) as engine:
        if await engine.store.shops.get(shop) is None:
            raise CommandError(f"{shop} is not connected")
        now = engine.clock.now()
        token, text = await engine.store.api_tokens.create(
            shop,
            scopes or DEFAULT_SCOPES,
            now=now,
            expires_at=None if expires_days is None else now + timedelta(days=expires_days),
        )
        await record_command(
            engine, "tokens.create", shop, token_id=token.id, scopes=list(token.scopes)
        )
    if as_json:
        console.out(orjson.dumps({"id": token.id, "token": text}).decode())
        return
    console.print(f"Token {token.id} for {shop}: {', '.join(token.scopes)}")
    if token.expires_at is not None:
        console.print(f"Good until {token.expires_at:%Y-%m-%d %H:%M} UTC.")
    console.print("It is shown this once:")
    console.out(text)


async def list_tokens(settings: Settings, domain: str | None, console: Console) -> None:
    """List tokens, of one shop or of all, without their secrets."""
    shop = None if domain is None else parse_shop_domain(domain)
    table = Table("id", "shop", "scopes", "created", "expires", "last used", "state")
    async with open_engine(settings, duty=Duty.NONE) as engine:
        now = engine.clock.now()
        for token in await engine.store.api_tokens.list(shop):
            table.add_row(
                token.id,
                token.shop,
                ", ".join(token.scopes),
                f"{token.created_at:%Y-%m-%d %H:%M}",
                _moment(token.expires_at),
                _moment(token.last_used_at),
                _state(token, now),
            )
    console.print(table if table.row_count else "There are no tokens.")


async def revoke_token(settings: Settings, token_id: str, console: Console) -> None:
    """End a token at once."""
    async with open_engine(settings, duty=Duty.NONE) as engine:
        found = [each for each in await engine.store.api_tokens.list() if each.id == token_id]
        if not found:
            raise CommandError(f"there is no token {token_id}: see echosignal tokens list")
        await engine.store.api_tokens.revoke(token_id, now=engine.clock.now())
        await record_command(engine, "tokens.revoke", found[0].shop, token_id=token_id)
    console.print(f"Revoked {token_id}.")


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _state(token: ApiToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "active" if token.is_good(now) else "expired"
