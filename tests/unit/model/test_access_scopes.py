"""What a grant covers: leave to write is leave to read, and nothing else is implied."""

import pytest

from sync_engine.model.access_scopes import covers, missing_scopes

NEEDED = ("read_customers", "read_products", "read_orders", "read_all_orders")


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (NEEDED, ()),
        (("write_customers", "write_products", "write_orders", "read_all_orders"), ()),
        (("write_customers", "read_products", "write_orders"), ("read_all_orders",)),
        (
            ("write_orders", "write_all_orders"),
            ("read_all_orders", "read_customers", "read_products"),
        ),
        ((), NEEDED),
    ],
)
def test_what_is_missing(granted: tuple[str, ...], missing: tuple[str, ...]) -> None:
    assert missing_scopes(NEEDED, granted) == frozenset(missing)


def test_leave_to_read_is_not_leave_to_write() -> None:
    assert not covers(("read_orders",), "write_orders")
    assert covers(("write_orders",), "write_orders")
