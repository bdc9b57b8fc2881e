"""Applies edits to a shop."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct, structs

from sync_engine.simulator.edits import requests
from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.customer_edits import (
    create_customer,
    delete_customer,
    erase_customer,
    merge_customers,
)
from sync_engine.simulator.edits.line_edits import edit_lines
from sync_engine.simulator.edits.order_edits import (
    cancel_order,
    close_order,
    create_order,
    delete_order,
    fulfil_order,
    pay_order,
    refund_order,
)
from sync_engine.simulator.edits.product_edits import (
    add_variants,
    create_product,
    delete_product,
    edit_variant,
    remove_variant,
)

_TEXT = (str,)
_OPTIONAL_TEXT = (str, type(None))
_SETTABLE: Mapping[str, Mapping[str, tuple[type, ...]]] = MappingProxyType(
    {
        "order": {
            "tags": (list,),
            "note": _OPTIONAL_TEXT,
            "email": _OPTIONAL_TEXT,
            "phone": _OPTIONAL_TEXT,
            "po_number": _OPTIONAL_TEXT,
            "source_name": _TEXT,
            "is_test": (bool,),
        },
        "customer": {
            "first_name": _OPTIONAL_TEXT,
            "last_name": _OPTIONAL_TEXT,
            "email": _OPTIONAL_TEXT,
            "phone": _OPTIONAL_TEXT,
            "note": _OPTIONAL_TEXT,
            "tags": (list,),
            "state": _TEXT,
            "is_tax_exempt": (bool,),
        },
        "product": {
            "title": _TEXT,
            "vendor": _TEXT,
            "product_type": _TEXT,
            "description_html": _TEXT,
            "handle": _TEXT,
            "tags": (list,),
            "status": _TEXT,
        },
    }
)


class Applied(Struct, frozen=True):
    """An edit that was done, with the ids that it concerned or made."""

    op: str
    ids: tuple[int, ...]


def apply_edit(book: ShopBook, edit: requests.Edit) -> Applied:
    """Do one edit.

    Raises:
        EditError: It is impossible.
    """
    try:
        return Applied(str(edit.__struct_config__.tag), _done(book, edit))
    finally:
        book.commit()


def _done(book: ShopBook, edit: requests.Edit) -> tuple[int, ...]:
    ids: tuple[int, ...]
    match edit:
        case requests.Create():
            ids = _create(book, edit)
        case requests.Update(resource=resource, id=id_, set=values):
            ids = _update(book, resource, id_, values)
        case requests.Touch(resource=resource, id=id_):
            ids = _update(book, resource, id_, {})
        case requests.Delete(resource=resource, id=id_):
            _DELETERS[resource](book, id_)
            ids = (id_,)
        case requests.Merge(keep_id=keep, remove_id=remove):
            merge_customers(book, edit)
            ids = (keep, remove)
        case requests.Erase(id=id_):
            erase_customer(book, id_)
            ids = (id_,)
        case requests.EditVariant() | requests.AddVariants() | requests.RemoveVariant():
            ids = _variant_edit(book, edit)
        case _:
            ids = _order_edit(book, edit)
    return ids


def _variant_edit(
    book: ShopBook, edit: requests.EditVariant | requests.AddVariants | requests.RemoveVariant
) -> tuple[int, ...]:
    match edit:
        case requests.EditVariant():
            edit_variant(book, edit)
        case requests.AddVariants():
            add_variants(book, edit)
        case requests.RemoveVariant():
            remove_variant(book, edit)
    return (edit.product_id,)


def _order_edit(
    book: ShopBook,
    edit: requests.Refund
    | requests.Pay
    | requests.Fulfil
    | requests.Cancel
    | requests.Close
    | requests.EditLines,
) -> tuple[int, ...]:
    match edit:
        case requests.Refund():
            refund_order(book, edit)
        case requests.Cancel():
            cancel_order(book, edit)
        case requests.EditLines():
            edit_lines(book, edit)
        case requests.Pay(id=id_):
            pay_order(book, id_)
        case requests.Fulfil(id=id_):
            fulfil_order(book, id_)
        case requests.Close(id=id_):
            close_order(book, id_)
    return (edit.id,)


def _create(book: ShopBook, edit: requests.Create) -> tuple[int, ...]:
    if edit.count < 1:
        msg = "count must be at least 1"
        raise EditError(msg)
    made = []
    for _ in range(edit.count):
        if edit.resource == "order":
            made.append(create_order(book, edit.customer_id))
        else:
            made.append(
                create_customer(book) if edit.resource == "customer" else create_product(book)
            )
        book.commit()
    return tuple(made)


def _update(book: ShopBook, resource: str, id_: int, values: dict[str, Any]) -> tuple[int, ...]:
    settable = _SETTABLE[resource]
    for name, value in values.items():
        if name not in settable:
            msg = f"{name} of a {resource} cannot be set; {', '.join(settable)} can"
            raise EditError(msg)
        if not isinstance(value, settable[name]):
            msg = f"{name} of a {resource} cannot be {value!r}"
            raise EditError(msg)
    changes = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    if resource == "order":
        book.save_order(structs.replace(book.order(id_), **changes), "orders/updated")
    elif resource == "customer":
        book.save_customer(structs.replace(book.customer(id_), **changes), "customers/update")
    else:
        product = structs.replace(book.product(id_), **changes)
        variants = tuple(
            structs.replace(variant, product_title=product.title) for variant in product.variants
        )
        book.save_product(structs.replace(product, variants=variants), "products/update")
    return (id_,)


_DELETERS = MappingProxyType(
    {"order": delete_order, "product": delete_product, "customer": delete_customer}
)
