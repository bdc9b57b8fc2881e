"""The whole simulated platform: shops, and what they share (clock, app, tokens, faults, log)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from secrets import token_hex

from graphql import GraphQLSchema

from sync_engine.simulator.agenda import Agenda
from sync_engine.simulator.bulk.operation import Pace
from sync_engine.simulator.clock import SimulatedClock
from sync_engine.simulator.faults.rules import FaultRules
from sync_engine.simulator.graphql_api.service import GraphqlService
from sync_engine.simulator.oauth.grants import AppCredentials
from sync_engine.simulator.oauth.tokens import TokenStore
from sync_engine.simulator.request_log import RequestLog
from sync_engine.simulator.shop_state import ShopState
from sync_engine.simulator.spec import DEFAULT_SCOPES, ShopSpec
from sync_engine.simulator.webhooks.announcer import Announcer
from sync_engine.simulator.webhooks.app_config import AppConfig
from sync_engine.simulator.webhooks.burst import Burst
from sync_engine.simulator.webhooks.delivery import Delivery
from sync_engine.simulator.webhooks.outbox import Outbox

DEFAULT_API_KEY = "simulated-api-key"
DEFAULT_API_SECRET = "simulated-api-secret"  # noqa: S105 - known to everybody on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationConfig:
    """What a simulation consists of.

    Attributes:
        app_scopes: What the app's own settings ask for (token exchange, client credentials).
        app_config: The app's own webhook subscriptions, for every shop that has it installed.
        bulk_seconds: Fixed time of bulk operations; None lets it follow from their size.
        cache_dir: Where result files of bulk operations are kept.
        port: 0 picks a free one.
    """

    shops: Sequence[ShopSpec]
    cache_dir: Path
    api_key: str = DEFAULT_API_KEY
    api_secret: str = DEFAULT_API_SECRET
    app_scopes: frozenset[str] = field(default=frozenset(DEFAULT_SCOPES))
    app_config: AppConfig = field(default=AppConfig())
    bulk_seconds: float | None = None
    host: str = "127.0.0.1"
    port: int = 0


class Simulation:
    """Everything behind the HTTP endpoints.

    Attributes:
        fingerprint: Differs whenever the simulator's code does; part of the names of cached files.
        url_secret: Signs the URLs of result files.
    """

    def __init__(
        self, config: SimulationConfig, *, schema: GraphQLSchema, base_clock: Callable[[], float]
    ) -> None:
        self.config = config
        self.clock = SimulatedClock(base_clock)
        self.graphql = GraphqlService(schema)
        self.app = _credentials(config)
        self.tokens = TokenStore(lambda: token_hex(16))
        self.app_config = config.app_config
        self.faults = FaultRules()
        self.log = RequestLog()
        self.url_secret = token_hex(16)
        self.fingerprint = _fingerprint()
        self.shops: dict[str, ShopState] = {}
        self.bursts: list[Burst] = []
        self.agenda = Agenda(self.clock)
        self.outbox = Outbox(
            self.clock,
            self.agenda,
            secret=lambda: self.app.client_secret,
            remove_subscription=self._remove_subscription,
        )
        self.tasks: set[asyncio.Task[None]] = set()
        for spec in config.shops:
            self.add_shop(spec)

    def add_shop(self, spec: ShopSpec) -> ShopState:
        """Open another shop; an existing one of that name is replaced."""
        self.tokens.forget(spec.domain)
        state = ShopState(
            spec, Pace(run_seconds=self.config.bulk_seconds), self.outbox, self._later
        )
        state.events.listen(Announcer(self, state).hear)
        self.shops[spec.domain] = state
        self.tokens.add_static(spec.domain, spec.static_token, spec.scopes)
        return state

    def reset(self) -> None:
        """Go back to the start: no edits, operations, faults, log or given-out tokens."""
        for task in self.tasks:
            task.cancel()
        self.bursts.clear()
        self.agenda.clear()
        self.outbox.clear()
        self.app_config = self.config.app_config
        self.app = _credentials(self.config)
        self.faults.clear()
        self.log.clear()
        self.clock.offset_seconds = 0.0
        for state in self.shops.values():
            state.reset()
            self.tokens.forget(state.spec.domain)
            self.tokens.add_static(state.spec.domain, state.spec.static_token, state.spec.scopes)

    async def stop(self) -> None:
        """Cancel what still runs."""
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks) if self.tasks else None
        self.agenda.clear()
        await self.outbox.stop()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self.agenda.at(self.clock.now() + seconds, act)

    def _remove_subscription(self, delivery: Delivery) -> None:
        state = self.shops.get(delivery.shop)
        if state is not None and delivery.subscription is not None:
            state.webhooks.remove(delivery.subscription)


def _credentials(config: SimulationConfig) -> AppCredentials:
    return AppCredentials(config.api_key, config.api_secret, config.app_scopes)


def _fingerprint() -> str:
    digest = blake2b(digest_size=8)
    root = Path(str(files("sync_engine.simulator")))
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
