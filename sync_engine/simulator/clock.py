"""The simulated present: the machine's clock plus an offset that tests may move."""

from collections.abc import Callable


class SimulatedClock:
    """Tells the time, in seconds since 1970.

    Attributes:
        offset_seconds: How far the simulated present is ahead of the base clock.
    """

    def __init__(self, base: Callable[[], float]) -> None:
        self._base = base
        self._listeners: list[Callable[[], None]] = []
        self.offset_seconds = 0.0

    def now(self) -> float:
        """The simulated present."""
        return self._base() + self.offset_seconds

    def advance(self, seconds: float) -> None:
        """Move the present; time only ever goes forward.

        Raises:
            ValueError: The number is negative.
        """
        if seconds < 0:
            message = "the simulated clock only goes forward"
            raise ValueError(message)
        self.offset_seconds += seconds
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the present jumps."""
        self._listeners.append(listener)
