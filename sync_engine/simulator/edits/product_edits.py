"""What can happen to a product and its variants."""

from decimal import Decimal

from msgspec import UNSET, structs

from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.requests import AddVariants, EditVariant, RemoveVariant
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.generate.ids import VARIANTS_PER_PRODUCT
from sync_engine.simulator.records.money import Money
from sync_engine.simulator.records.product import Product, ProductVariant


def create_product(book: ShopBook) -> int:
    """Make a product now; returns its id."""
    records = book.shop.product_set
    index = records.end
    moment = max(book.now, records.created_at_seconds(index - 1) if index else book.now)
    product = book.shop.product_generator.fresh(index, moment)
    book.save_product(product, "products/create", is_new=True)
    return product.id


def delete_product(book: ShopBook, id_: int) -> None:
    """Remove a product from every read."""
    book.shop.delete_product(book.product(id_).index)
    book.announce("products/delete", "product", id_)


def edit_variant(book: ShopBook, edit: EditVariant) -> None:
    """Change a variant; its product changes with it."""
    product = book.product(edit.product_id)
    variant = _variant(product, edit.variant_id)
    currency, given = book.shop.currency, edit.set
    changed = structs.replace(variant, updated_at=max(utc(book.now), variant.updated_at))
    if given.price is not UNSET:
        changed = structs.replace(changed, price=_money(book, given.price))
    if given.compare_at_price is not UNSET:
        amount = given.compare_at_price
        worth = None if amount is None else _money(book, amount)
        changed = structs.replace(changed, compare_at_price=worth)
    if given.sku is not UNSET:
        changed = structs.replace(changed, sku=given.sku)
    if given.barcode is not UNSET:
        changed = structs.replace(changed, barcode=given.barcode)
    if given.inventory_quantity is not UNSET:
        changed = structs.replace(changed, inventory_quantity=given.inventory_quantity)
    if changed.price.minor < 0:
        msg = f"a price in {currency.code} cannot be negative"
        raise EditError(msg)
    variants = tuple(changed if v.id == variant.id else v for v in product.variants)
    book.save_product(structs.replace(product, variants=variants), "products/update")


def add_variants(book: ShopBook, edit: AddVariants) -> None:
    """Give a product more variants, numbered on from the last one it ever had."""
    product = book.product(edit.product_id)
    ids = book.shop.ids.variants
    used = [ids.index_of(v.id) or 0 for v in product.variants]
    first = max(used, default=product.index * VARIANTS_PER_PRODUCT - 1) + 1
    first -= product.index * VARIANTS_PER_PRODUCT
    if first + edit.count > VARIANTS_PER_PRODUCT:
        msg = f"product {product.id} cannot have more than {VARIANTS_PER_PRODUCT} variants"
        raise EditError(msg)
    generator = book.shop.product_generator
    core = generator.core(product.index)
    added = [
        structs.replace(
            generator.fresh_variant(core, place, book.now),
            title=f"Extra {place + 1}",
            product_title=product.title,
            position=len(product.variants) + nth + 1,
        )
        for nth, place in enumerate(range(first, first + edit.count))
    ]
    variants = (*product.variants, *added)
    book.save_product(structs.replace(product, variants=variants), "products/update")


def remove_variant(book: ShopBook, edit: RemoveVariant) -> None:
    """Take a variant from a product; the last one stays."""
    product = book.product(edit.product_id)
    variant = _variant(product, edit.variant_id)
    if len(product.variants) == 1:
        msg = f"product {product.id} must keep a variant"
        raise EditError(msg)
    left = [v for v in product.variants if v.id != variant.id]
    variants = tuple(structs.replace(v, position=nth) for nth, v in enumerate(left, start=1))
    book.shop.forget_variant(variant.id)
    book.save_product(structs.replace(product, variants=variants), "products/update")


def _variant(product: Product, id_: int) -> ProductVariant:
    for variant in product.variants:
        if variant.id == id_:
            return variant
    msg = f"product {product.id} has no variant {id_}"
    raise EditError(msg)


def _money(book: ShopBook, amount: Decimal) -> Money:
    currency = book.shop.currency
    return Money(int(amount.scaleb(currency.exponent)), currency)
