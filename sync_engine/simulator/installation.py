"""What happens to an app on a shop: uninstalling it, changing what it may do."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from sync_engine.simulator.events import ShopEvent
from sync_engine.simulator.gids import gid
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.simulation import Simulation

REDACTION_SECONDS = 48 * 3600

_INSTALLATION = 700_000_000_001


def uninstall(simulation: Simulation, state: ShopState, app: str) -> int:
    """Remove an app: tokens end, subscriptions go, and two days later its data has to.

    Returns how many tokens were revoked.
    Source: shopify.dev, "Privacy law compliance" (shop/redact 48 hours after the uninstall).
    """
    now = simulation.clock.now()
    domain = state.spec.domain
    if simulation.tokens.scopes_of(domain, app, now) is not None:
        announce(simulation, state, "app/uninstalled", app=app)
    count = simulation.tokens.revoke(domain, now, app=app)
    state.webhooks.forget_app(app)
    if app == simulation.app.client_id:
        simulation.agenda.at(now + REDACTION_SECONDS, partial(_redact_shop, simulation, state))
    return count


def change_scopes(
    simulation: Simulation, state: ShopState, app: str, scopes: Iterable[str]
) -> None:
    """Let an app do more or less than before; its tokens stay."""
    now = simulation.clock.now()
    tokens, domain = simulation.tokens, state.spec.domain
    before = tokens.scopes_of(domain, app, now) or frozenset()
    tokens.change_scopes(domain, app, frozenset(scopes))
    detail = {
        "id": _INSTALLATION,
        "shop_id": gid("Shop", state.shop.ids.shop),
        "previous": sorted(before),
        "current": sorted(scopes),
        "updated_at": _milliseconds(now),
    }
    announce(simulation, state, "app/scopes_update", app=app, detail=detail)


def announce(
    simulation: Simulation,
    state: ShopState,
    topic: str,
    *,
    app: str | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    """Tell of something that concerns the shop as a whole, or an app's place in it."""
    event = ShopEvent(
        topic=topic,
        resource="shop",
        id=state.shop.ids.shop,
        at=int(simulation.clock.now()),
        app=app,
        detail=detail,
    )
    state.events.announce(event)
    state.events.commit()


def _redact_shop(simulation: Simulation, state: ShopState) -> None:
    domain, now = state.spec.domain, simulation.clock.now()
    if simulation.tokens.scopes_of(domain, simulation.app.client_id, now) is not None:
        return  # installed again in the meantime
    detail: dict[str, object] = {"shop_id": state.shop.ids.shop, "shop_domain": domain}
    announce(simulation, state, "shop/redact", detail=detail)


def _milliseconds(now: float) -> str:
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")
