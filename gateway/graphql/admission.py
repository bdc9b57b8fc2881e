"""How much goes on at a time, and how long: operations that run, subscriptions that are open."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from gateway.graphql.caller_key import caller_key
from gateway.graphql.errors import TimedOutError, TooManyOperationsError
from gateway.graphql.limits import Limits


class Occupancy:
    """What goes on in this process, by caller."""

    def __init__(self, limits: Limits) -> None:
        """Begin with nothing going on."""
        self._limits = limits
        self._operations: Counter[str] = Counter()
        self._subscriptions: Counter[str] = Counter()

    @property
    def subscriptions(self) -> int:
        """How many subscriptions are open."""
        return self._subscriptions.total()

    def begin_operation(self, caller: str) -> None:
        """Count an operation that begins.

        Raises:
            TooManyOperationsError: as many as are allowed are going on.
        """
        limits = self._limits
        if self._operations[caller] >= limits.concurrent_operations_per_caller:
            raise TooManyOperationsError(
                f"{limits.concurrent_operations_per_caller} operations of yours are being executed "
                "already: wait for one to end."
            )
        if self._operations.total() >= limits.concurrent_operations:
            raise TooManyOperationsError("The server is busy: try again in a moment.")
        self._operations[caller] += 1

    def end_operation(self, caller: str) -> None:
        """Count an operation that ends."""
        _discount(self._operations, caller)

    def begin_subscription(self, caller: str) -> None:
        """Count a subscription that begins.

        Raises:
            TooManyOperationsError: the caller has as many as are allowed.
        """
        allowed = self._limits.subscriptions_per_caller
        if self._subscriptions[caller] >= allowed:
            raise TooManyOperationsError(f"You have {allowed} subscriptions open already.")
        self._subscriptions[caller] += 1

    def end_subscription(self, caller: str) -> None:
        """Count a subscription that ends."""
        _discount(self._subscriptions, caller)


def _discount(counter: Counter[str], caller: str) -> None:
    counter[caller] -= 1
    if counter[caller] <= 0:
        del counter[caller]


class Admission(SchemaExtension):
    """Lets an operation in where there is room, and ends it where it takes too long."""

    def __init__(self, limits: Limits, occupancy: Occupancy) -> None:
        """Take the limits and what goes on."""
        super().__init__()
        self._timeout_seconds = limits.timeout_seconds
        self._occupancy = occupancy
        self._subscriber: str | None = None

    def on_operation(self) -> Iterator[None]:
        """Count a subscription until its stream is over."""
        try:
            yield
        finally:
            if self._subscriber is not None:
                self._occupancy.end_subscription(self._subscriber)

    async def on_execute(self) -> AsyncIterator[None]:
        """Count an operation while it runs.

        Raises:
            TooManyOperationsError: there is no room.
            TimedOutError: it took too long and was stopped.
        """
        operation = self.execution_context
        caller = caller_key(operation.context.principal)
        if operation.operation_type is OperationType.SUBSCRIPTION:
            self._occupancy.begin_subscription(caller)
            self._subscriber = caller
            yield
            return
        self._occupancy.begin_operation(caller)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                yield
        except TimeoutError:
            raise TimedOutError(self._timeout_seconds) from None
        finally:
            self._occupancy.end_operation(caller)
