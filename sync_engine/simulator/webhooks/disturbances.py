"""What the way to the receiver does to webhooks: losing, doubling, delaying and reordering them.

    {"drop": 0.05, "double": 0.1, "delay": 0.1, "delay_seconds": [1, 60], "reorder": 0.2, "seed": 7}

Numbers are probabilities. Whatever is not dropped arrives: a delayed webhook after a time on the
simulated clock, a reordered one right after the next of its shop, or after five seconds if there is
none. The copy of a doubled webhook is the same delivery with the same headers.
"""

from collections.abc import Callable
from random import Random

from msgspec import Struct, structs

from sync_engine.simulator.webhooks.delivery import Delivery
from sync_engine.simulator.webhooks.outbox import Outbox

_LONGEST_HOLD_SECONDS = 5.0


class Disturbances(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often which of it happens; see the module."""

    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    delay_seconds: tuple[float, float] = (1.0, 60.0)
    reorder: float = 0.0
    seed: int = 0


class DisturbanceCounts(Struct):
    """How often it happened."""

    sent: int = 0
    dropped: int = 0
    doubled: int = 0
    delayed: int = 0
    reordered: int = 0


class DisturbedWay:
    """The way of one shop's webhooks into the outbox.

    Args:
        later: Calls a function after a time on the simulated clock.
    """

    def __init__(self, outbox: Outbox, later: Callable[[float, Callable[[], None]], None]) -> None:
        self._outbox = outbox
        self._later = later
        self._held: Delivery | None = None
        self.disturb(Disturbances())

    def disturb(self, disturbances: Disturbances) -> None:
        """From now on do this; the draws and the counts start anew."""
        self.release()
        self.disturbances = disturbances
        self.counts = DisturbanceCounts()
        self._draw = Random(disturbances.seed).random  # noqa: S311 - reproducible, no secret

    def send(self, delivery: Delivery) -> None:
        """Pass a delivery on, or do to it what is due."""
        usual = self.disturbances
        draws = [self._draw() for _ in range(5)]
        self.counts.sent += 1
        if draws[0] < usual.drop:
            self.counts.dropped += 1
            self._outbox.note_dropped(delivery)
            return
        if draws[1] < usual.double:
            self.counts.doubled += 1
            self._outbox.send(structs.replace(delivery), after_seconds=draws[4])
        if draws[2] < usual.delay:
            self.counts.delayed += 1
            low, high = usual.delay_seconds
            self._outbox.send(delivery, after_seconds=low + draws[4] * (high - low))
            return
        if self._held is None and draws[3] < usual.reorder:
            self.counts.reordered += 1
            self._held = delivery
            self._later(_LONGEST_HOLD_SECONDS, lambda: self._release_if(delivery))
            return
        self._outbox.send(delivery)
        self.release()

    def forget(self) -> None:
        """Go back to an undisturbed way; what is held back is lost."""
        self._held = None
        self.disturb(Disturbances())

    def release(self) -> None:
        """Send what is held back."""
        held, self._held = self._held, None
        if held is not None:
            self._outbox.send(held)

    def _release_if(self, delivery: Delivery) -> None:
        if self._held is delivery:
            self.release()
