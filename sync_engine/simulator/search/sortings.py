"""What lists can be sorted by.

RELEVANCE needs a text ranking that nobody outside Shopify knows; it sorts by id here. Keys that
need data the simulator does not have are missing and refused.

Source: OrderSortKeys, CustomerSortKeys, ProductSortKeys, ProductVariantSortKeys in the Admin API.
"""

from collections.abc import Mapping

from sync_engine.simulator.generate.ids import VARIANTS_PER_PRODUCT
from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.product import ProductVariant
from sync_engine.simulator.search.listing import Sorting, SortRead
from sync_engine.simulator.search.order_fields import processed_at_seconds
from sync_engine.simulator.shop import SimulatedShop


def order_sortings(shop: SimulatedShop) -> Mapping[str, Sorting]:
    """Sort keys of orders."""
    orders = shop.order_set

    def customer_name(index: int) -> str:
        customer = shop.order(index).customer_index
        return "" if customer is None else _customer_name(shop, customer)

    return {
        **_common(shop.ids.orders.id_of, orders.created_at_seconds, orders.updated_at_seconds),
        "PROCESSED_AT": _by("PROCESSED_AT", lambda i: processed_at_seconds(shop, i)),
        "ORDER_NUMBER": _by("ORDER_NUMBER", lambda i: shop.order(i).number),
        "TOTAL_PRICE": _by("TOTAL_PRICE", lambda i: shop.order(i).totals.total.shop_minor),
        "CURRENT_TOTAL_PRICE": _by(
            "CURRENT_TOTAL_PRICE", lambda i: shop.order(i).totals.current_total.shop_minor
        ),
        "TOTAL_ITEMS_QUANTITY": _by(
            "TOTAL_ITEMS_QUANTITY", lambda i: sum(x.quantity for x in shop.order(i).line_items)
        ),
        "FINANCIAL_STATUS": _by("FINANCIAL_STATUS", lambda i: shop.order(i).financial_status or ""),
        "FULFILLMENT_STATUS": _by("FULFILLMENT_STATUS", lambda i: shop.order(i).fulfillment_status),
        "PO_NUMBER": _by("PO_NUMBER", lambda i: shop.order(i).po_number or ""),
        "DESTINATION": _by("DESTINATION", lambda i: _place(shop.order(i).shipping_address)),
        "CUSTOMER_NAME": _by("CUSTOMER_NAME", customer_name),
    }


def customer_sortings(shop: SimulatedShop) -> Mapping[str, Sorting]:
    """Sort keys of customers."""
    customers = shop.customer_set
    return {
        **_common(
            shop.ids.customers.id_of, customers.created_at_seconds, customers.updated_at_seconds
        ),
        "NAME": _by("NAME", lambda i: _customer_name(shop, i)),
        "LOCATION": _by("LOCATION", lambda i: _location(shop, i)),
    }


def product_sortings(shop: SimulatedShop) -> Mapping[str, Sorting]:
    """Sort keys of products."""
    products = shop.product_set
    return {
        **_common(
            shop.ids.products.id_of, products.created_at_seconds, products.updated_at_seconds
        ),
        "TITLE": _by("TITLE", lambda i: shop.product(i).title.casefold()),
        "VENDOR": _by("VENDOR", lambda i: shop.product(i).vendor.casefold()),
        "PRODUCT_TYPE": _by("PRODUCT_TYPE", lambda i: shop.product(i).product_type.casefold()),
        "INVENTORY_TOTAL": _by("INVENTORY_TOTAL", lambda i: shop.product(i).total_inventory),
        "PUBLISHED_AT": _by("PUBLISHED_AT", lambda i: _published(shop, i)),
    }


def variant_sortings(shop: SimulatedShop) -> Mapping[str, Sorting]:
    """Sort keys of variants; there is none by time."""

    def variant(index: int) -> ProductVariant:
        product = shop.product(index // VARIANTS_PER_PRODUCT)
        return product.variants[index % VARIANTS_PER_PRODUCT]

    by_id = Sorting(name="ID", read=shop.ids.variants.id_of, is_index_order=True)
    return {
        "ID": by_id,
        "RELEVANCE": by_id,
        "SKU": _by("SKU", lambda i: variant(i).sku or ""),
        "TITLE": _by("TITLE", lambda i: variant(i).title.casefold()),
        "NAME": _by("NAME", lambda i: variant(i).title.casefold()),
        "FULL_TITLE": _by("FULL_TITLE", lambda i: variant(i).display_name.casefold()),
        "POSITION": _by("POSITION", lambda i: variant(i).position),
        "INVENTORY_QUANTITY": _by("INVENTORY_QUANTITY", lambda i: variant(i).inventory_quantity),
        "INVENTORY_POLICY": _by("INVENTORY_POLICY", lambda i: variant(i).inventory_policy),
    }


def _common(ids: SortRead, created: SortRead, updated: SortRead) -> dict[str, Sorting]:
    by_id = Sorting(name="ID", read=ids, is_index_order=True)
    return {
        "ID": by_id,
        "RELEVANCE": by_id,
        "CREATED_AT": Sorting(name="CREATED_AT", read=created, is_index_order=True),
        "UPDATED_AT": Sorting(name="UPDATED_AT", read=updated, is_update_order=True),
    }


def _by(name: str, read: SortRead) -> Sorting:
    return Sorting(name=name, read=read)


def _customer_name(shop: SimulatedShop, index: int) -> str:
    customer = shop.customer_set.get(index)
    if customer is None:
        return ""
    return f"{customer.last_name or ''}, {customer.first_name or ''}".casefold()


def _location(shop: SimulatedShop, index: int) -> str:
    customer = shop.customer_set.get(index)
    return "" if customer is None else _place(customer.default_address)


def _place(address: Address | None) -> str:
    return "" if address is None else f"{address.country}, {address.city or ''}".casefold()


def _published(shop: SimulatedShop, index: int) -> int:
    moment = shop.product(index).published_at
    return 0 if moment is None else int(moment.timestamp())
