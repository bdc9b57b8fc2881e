"""What can happen to a customer."""

from msgspec import structs

from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.requests import Merge


def create_customer(book: ShopBook) -> int:
    """Make a customer now; returns its id."""
    records = book.shop.customer_set
    index = records.end
    moment = max(book.now, records.created_at_seconds(index - 1) if index else book.now)
    customer = book.shop.customer_generator.fresh(index, moment)
    book.save_customer(customer, "customers/create", is_new=True)
    return customer.id


def delete_customer(book: ShopBook, id_: int) -> None:
    """Remove a customer; only possible while it has no orders.

    Source: customerDelete in the Admin API.
    """
    customer = book.customer(id_)
    if book.shop.orders_of(customer.index):
        msg = f"customer {id_} has orders and cannot be deleted; merge or erase it"
        raise EditError(msg)
    book.shop.customer_set.delete(customer.index)
    book.announce("customers/delete", "customer", id_)


def merge_customers(book: ShopBook, edit: Merge) -> None:
    """Make one customer of two; the removed one's orders move over.

    Source: customerMerge in the Admin API.
    """
    keep, remove = book.customer(edit.keep_id), book.customer(edit.remove_id)
    if keep.index == remove.index:
        msg = "a customer cannot be merged with itself"
        raise EditError(msg)
    for index in book.shop.orders_of(remove.index):
        order = book.shop.order(index)
        book.keep_order(structs.replace(order, customer_index=keep.index))
    book.shop.customer_set.delete(remove.index)
    merged = structs.replace(
        keep,
        email=keep.email or remove.email,
        phone=keep.phone or remove.phone,
        first_name=keep.first_name or remove.first_name,
        last_name=keep.last_name or remove.last_name,
        tags=tuple(sorted({*keep.tags, *remove.tags})),
        note="\n".join(note for note in (keep.note, remove.note) if note) or None,
    )
    book.announce("customers/merge", "customer", keep.id, {"removed_id": remove.id})
    book.announce("customers/delete", "customer", remove.id)
    book.save_customer(merged, "customers/update")


def erase_customer(book: ShopBook, id_: int) -> None:
    """Erase a customer: its orders stay and say nothing about it any more."""
    customer = book.customer(id_)
    for index in book.shop.orders_of(customer.index):
        anonymous = structs.replace(
            book.shop.order(index),
            customer_index=None,
            email=None,
            phone=None,
            billing_address=None,
            shipping_address=None,
        )
        book.keep_order(anonymous)
    book.shop.customer_set.delete(customer.index)
    book.announce("customers/delete", "customer", id_)
