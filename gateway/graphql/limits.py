"""How much one caller, one operation and one document may ask for: plain values.

Those that an operator may want to change are settings; the others are what no client comes near.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All limits of the API but the size of a body and of a page."""

    query_points: int = 1_000
    bucket_points: int = 20_000
    restore_points: int = 1_000
    timeout_seconds: float = 30.0
    concurrent_operations: int = 500
    concurrent_operations_per_caller: int = 100
    subscriptions_per_caller: int = 500
    subscriptions_per_connection: int = 100
    persisted_queries: int = 1_000
    nodes_per_query: int = 25_000
    """Entries of lists in pages that an operation may reach, each page taken to be full."""

    tokens: int = 5_000
    depth: int = 15
    aliases: int = 100
    directives: int = 50
    fragment_spreads: int = 150
    repeated_fields: int = 30
    """Fields that stand twice beside each other: comparing those takes time that grows squarely."""
    selected_fields: int = 2_000
    """Fields of an operation once its fragments are put in."""
    variable_values: int = 10_000
    variable_depth: int = 20

    connection_init_seconds: float = 10.0
    keep_alive_seconds: float = 12.0
    send_seconds: float = 30.0
    credential_check_seconds: float = 30.0
    """How long a connection may outlive its credential."""
