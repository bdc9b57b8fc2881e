"""The edits that `POST /_control/shops/{shop}/edits` takes, as `{"edits": [...]}`.

Each is a JSON object with an `op`; ids are numbers. They happen at the simulated present, in the
given order; the first that is impossible stops the rest (those before it stay).

    {"op": "create", "resource": "customer" | "product" | "order", "count": 3,
     "customer_id": 123}                            of orders: whose; a guest's if left out
    {"op": "update", "resource": "order", "id": 1, "set": {"note": "...", "tags": ["a"]}}
        order     tags note email phone po_number source_name is_test
        customer  first_name last_name email phone note tags state is_tax_exempt
        product   title vendor product_type description_html handle tags status
    {"op": "touch", "resource": "order", "id": 1}   updatedAt moves, nothing else
    {"op": "delete", "resource": "order", "id": 1}  customers only while they have no orders
    {"op": "refund", "id": 1,                       on an order:
     "lines": [{"line_item_id": 2, "quantity": 1}], or "all_lines": true
     "shipping_share": [1, 1],                      of the shipping that is left
     "adjustment": "-5.00",                         shop currency; negative is goodwill, positive
     "reason": "REFUND_DISCREPANCY",                a fee that is kept
     "restock_type": "RETURN", "note": "..."}
    {"op": "pay", "id": 1}                          a pending, authorized or partly paid order
    {"op": "fulfil", "id": 1}
    {"op": "cancel", "id": 1, "reason": "CUSTOMER", "refund": true}
    {"op": "close", "id": 1}
    {"op": "edit_variant", "product_id": 1, "variant_id": 2,
     "set": {"price": "12.50", "sku": null, "inventory_quantity": -3}}
    {"op": "add_variants", "product_id": 1, "count": 2}
    {"op": "remove_variant", "product_id": 1, "variant_id": 2}
    {"op": "edit_lines", "id": 1,                   an order's lines; no money moves
     "add": [{"variant_id": 2, "quantity": 1}],
     "remove": [{"line_item_id": 3, "quantity": 1}]}
    {"op": "merge", "keep_id": 1, "remove_id": 2}   customers; orders of the removed one move over
    {"op": "erase", "id": 1}                        a customer; its orders stay, pointing at nobody

Merging and erasing leave `updatedAt` of the orders alone, as far as anybody knows Shopify does.
"""

from decimal import Decimal
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Resource = Literal["customer", "product", "order"]


class _Edit(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op"):
    pass


class Create(_Edit, frozen=True, tag="create"):
    """Make new records."""

    resource: Resource
    count: int = 1
    customer_id: int | None = None


class Update(_Edit, frozen=True, tag="update"):
    """Change plain fields of a record."""

    resource: Resource
    id: int
    set: dict[str, Any]


class Touch(_Edit, frozen=True, tag="touch"):
    """Move a record's updatedAt."""

    resource: Resource
    id: int


class Delete(_Edit, frozen=True, tag="delete"):
    """Remove a record."""

    resource: Resource
    id: int


class RefundedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line to refund or to remove."""

    line_item_id: int
    quantity: int


class Refund(_Edit, frozen=True, tag="refund"):
    """Refund an order in part or in full."""

    id: int
    lines: list[RefundedLine] = []
    all_lines: bool = False
    shipping_share: tuple[int, int] = (0, 1)
    adjustment: Decimal | None = None
    reason: str = "REFUND_DISCREPANCY"
    restock_type: Literal["CANCEL", "LEGACY_RESTOCK", "NO_RESTOCK", "RETURN"] = "RETURN"
    note: str | None = None


class Pay(_Edit, frozen=True, tag="pay"):
    """Receive what is owed on an order."""

    id: int


class Fulfil(_Edit, frozen=True, tag="fulfil"):
    """Ship what is left of an order."""

    id: int


class Cancel(_Edit, frozen=True, tag="cancel"):
    """Cancel an order, with or without giving the money back."""

    id: int
    reason: Literal["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"] = "CUSTOMER"
    refund: bool = False


class Close(_Edit, frozen=True, tag="close"):
    """Archive an order."""

    id: int


class AddedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a variant that come into an order."""

    variant_id: int
    quantity: int = 1


class EditLines(_Edit, frozen=True, tag="edit_lines"):
    """Add lines to an order and take units out of it."""

    id: int
    add: list[AddedLine] = []
    remove: list[RefundedLine] = []


class VariantFields(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a variant."""

    price: Decimal | UnsetType = UNSET
    compare_at_price: Decimal | UnsetType | None = UNSET
    sku: str | UnsetType | None = UNSET
    barcode: str | UnsetType | None = UNSET
    inventory_quantity: int | UnsetType = UNSET


class EditVariant(_Edit, frozen=True, tag="edit_variant"):
    """Change a variant of a product."""

    product_id: int
    variant_id: int
    set: VariantFields


class AddVariants(_Edit, frozen=True, tag="add_variants"):
    """Give a product more variants."""

    product_id: int
    count: int = 1


class RemoveVariant(_Edit, frozen=True, tag="remove_variant"):
    """Take a variant from a product."""

    product_id: int
    variant_id: int


class Merge(_Edit, frozen=True, tag="merge"):
    """Merge two customers into one."""

    keep_id: int
    remove_id: int


class Erase(_Edit, frozen=True, tag="erase"):
    """Erase a customer, as a privacy request does."""

    id: int


Edit = (
    Create
    | Update
    | Touch
    | Delete
    | Refund
    | Pay
    | Fulfil
    | Cancel
    | Close
    | EditLines
    | EditVariant
    | AddVariants
    | RemoveVariant
    | Merge
    | Erase
)


class Edits(Struct, frozen=True, forbid_unknown_fields=True):
    """A list of edits."""

    edits: list[Edit]
