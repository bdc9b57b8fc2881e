"""Ids of records: ascending, irregular like Shopify's, and reversible to the record's index.

Some ids of a shop lie above 2^53, where JavaScript numbers (and everything that stores an id as a
double) lose the last digit.
"""

from msgspec import Struct

from sync_engine.simulator.spec import ShopSpec

LINES_PER_ORDER = 512
REFUNDS_PER_ORDER = 16
TRANSACTIONS_PER_ORDER = 64
VARIANTS_PER_PRODUCT = 2048
OPTIONS_PER_PRODUCT = 4
ADDRESSES_PER_CUSTOMER = 8

_SMALL_BASE = 5_000_000_000_000
_TWO_TO_53 = 1 << 53


class IdSpace(Struct, frozen=True):
    """A reversible mapping from index to id.

    Attributes:
        stride: Distance between neighbouring ids before they are scattered.
        scatter: A power of two, at most `stride`: how far an id may lie above its place.
    """

    base: int
    stride: int
    scatter: int

    def id_of(self, index: int) -> int:
        """The id of the record at an index."""
        return self.base + index * self.stride + (index * 40_503 & self.scatter - 1)

    def index_of(self, id_: int) -> int | None:
        """The index that has this id, or None when no index has it."""
        index = (id_ - self.base) // self.stride
        return index if index >= 0 and self.id_of(index) == id_ else None


class ShopIds(Struct, frozen=True, kw_only=True):
    """The id spaces of one shop. Children count from `parent index * children per parent`."""

    shop: int
    customers: IdSpace
    customer_addresses: IdSpace
    products: IdSpace
    product_options: IdSpace
    variants: IdSpace
    inventory_items: IdSpace
    orders: IdSpace
    order_addresses: IdSpace
    line_items: IdSpace
    shipping_lines: IdSpace
    refunds: IdSpace
    refund_line_items: IdSpace
    refund_shipping_lines: IdSpace
    adjustments: IdSpace
    transactions: IdSpace

    @classmethod
    def of(cls, spec: ShopSpec) -> "ShopIds":
        """The id spaces of the shop that a spec describes."""
        is_straddling = spec.ids == "straddle"

        def crossing(count: int, stride: int, scatter: int) -> IdSpace:
            half = count // 2 * stride
            return IdSpace(_TWO_TO_53 - half if is_straddling else _SMALL_BASE, stride, scatter)

        def below(stride: int, scatter: int) -> IdSpace:
            return IdSpace(_SMALL_BASE, stride, scatter)

        orders = spec.orders
        refund_lines = REFUNDS_PER_ORDER * LINES_PER_ORDER
        return cls(
            shop=60_000_000_000 + abs(spec.seed) % 1_000_000_000,
            customers=crossing(spec.customers, 32_768, 16_384),
            customer_addresses=below(4096, 2048),
            products=below(32_768, 16_384),
            product_options=below(1024, 512),
            variants=below(64, 32),
            inventory_items=below(64, 16),
            orders=crossing(orders, 32_768, 16_384),
            order_addresses=below(1024, 512),
            line_items=crossing(orders * LINES_PER_ORDER, 64, 32),
            shipping_lines=below(512, 256),
            refunds=crossing(orders * REFUNDS_PER_ORDER, 256, 128),
            refund_line_items=crossing(orders * refund_lines, 8, 4),
            refund_shipping_lines=below(64, 32),
            adjustments=below(64, 32),
            transactions=crossing(orders * TRANSACTIONS_PER_ORDER, 128, 64),
        )
