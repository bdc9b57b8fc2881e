# noqa: INP001 - a script run by its path, not a package
"""Writes the extract of the Shopify Admin GraphQL schema that the simulator serves.

Run by hand when the API version changes:

    python scripts/extract_admin_schema.py introspection.json[.gz]
    python scripts/extract_admin_schema.py --npm @shopify/dev-mcp@latest

The first form reads an introspection answer from disk. The second fetches the npm package that
carries Shopify's own introspection answers (`npm pack`, nothing is installed or executed). With
`--check` nothing is written: the documents that are sent to Shopify, and the bulk exports, are
validated against the whole schema, deprecated fields included.

The extract keeps the types named below. Of a kept type it keeps every field whose own type is
kept, with the arguments, inputs, enums and scalars that those fields need. Descriptions are left
out, deprecations stay. Nothing is invented: what the extract says, Shopify says.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import (
    NoDeprecatedCustomRule,
    build_client_schema,
    parse,
    specified_rules,
    validate,
)

from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.bulk.export_query import Window, export_query
from sync_engine.shopify.documents import document, document_names

API_VERSION = "2026-10"

Introspected = dict[str, Any]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TARGET = (
    Path(__file__).parent.parent
    / "sync_engine"
    / "simulator"
    / f"admin_{API_VERSION.replace('-', '_')}.graphql"
)

ROOT_FIELDS: Mapping[str, frozenset[str]] = {
    "QueryRoot": _words("""
    bulkOperation bulkOperations currentAppInstallation currentBulkOperation customer
        customers customersCount events node nodes order orders ordersCount product
        productVariant productVariants products productsCount publicApiVersions refund shop
        webhookSubscription webhookSubscriptions"""),
    "Mutation": _words("""
    appUninstall bulkOperationCancel bulkOperationRunQuery webhookSubscriptionCreate
        webhookSubscriptionDelete webhookSubscriptionUpdate"""),
}

KEPT_TYPES = _words("""
    ApiVersion App AppInstallation AppUninstallAppUninstallError AppUninstallPayload
    AccessScope Attribute AutomaticDiscountApplication BasicEvent BulkOperation
    BulkOperationCancelPayload BulkOperationRunQueryPayload BulkOperationUserError
    CashRoundingAdjustment Count Customer CustomerEmailAddress
    CustomerEmailMarketingConsentState CustomerMarketingConsent CustomerPhoneNumber
    CustomerSmsMarketingConsent CustomerSmsMarketingConsentError
    CustomerSmsMarketingConsentState CustomerStatistics CustomerWhatsAppMarketingConsent
    DiscountAllocation DiscountApplication DiscountCodeApplication DisplayableError Domain Event
    HasEvents InventoryItem InventoryItemMeasurement LegacyInteroperability LineItem
    MailingAddress ManualDiscountApplication MoneyBag MoneyV2 Mutation Node Order
    OrderAdjustment OrderApp OrderCancellation OrderTransaction PageInfo PricingPercentageValue
    PricingValue Product ProductCompareAtPriceRange ProductOption ProductPriceRangeV2
    ProductVariant QueryRoot Refund RefundLineItem RefundShippingLine SEO
    ScriptDiscountApplication SelectedOption ShippingLine Shop ShopAddress ShopPlan
    ShopResourceLimits TaxLine TaxonomyCategory UserError WebhookEventBridgeEndpoint
    WebhookHttpEndpoint WebhookPubSubEndpoint WebhookSubscription
    WebhookSubscriptionCreatePayload WebhookSubscriptionDeletePayload
    WebhookSubscriptionEndpoint WebhookSubscriptionMetafieldIdentifier
    WebhookSubscriptionUpdatePayload Weight""")

CONNECTIONS_OF = _words("""
    BulkOperation Customer DiscountApplication Event InventoryItem LineItem MailingAddress
    Order OrderAdjustment OrderTransaction Product ProductVariant Refund RefundLineItem
    RefundShippingLine ShippingLine WebhookSubscription""")

BUILT_IN_SCALARS = frozenset({"String", "Int", "Float", "Boolean", "ID"})


class Extract:
    """The kept part of an introspected schema, printable as SDL."""

    def __init__(self, introspection: Introspected) -> None:
        schema = introspection.get("data", introspection)["__schema"]
        self._types: dict[str, Introspected] = {t["name"]: t for t in schema["types"]}
        self._kept = set(KEPT_TYPES)
        for node in CONNECTIONS_OF:
            self._kept |= {f"{node}Connection", f"{node}Edge"}
        missing = sorted(self._kept - set(self._types))
        if missing:
            sys.exit(f"not in this schema: {', '.join(missing)}")

    def sdl(self) -> str:
        """The extract as schema definition language, types sorted by name."""
        needed = self._kept | self._inputs_and_leaves()
        blocks = [self._definition(self._types[name]) for name in sorted(needed)]
        root = "schema {\n  query: QueryRoot\n  mutation: Mutation\n}\n"
        return "\n".join([root, *(block for block in blocks if block)])

    def _fields(self, definition: Introspected) -> Iterator[Introspected]:
        allowed = ROOT_FIELDS.get(definition["name"])
        for field in definition.get("fields") or []:
            name = _named(field["type"])
            kind = self._types[name]["kind"]
            if allowed is not None and field["name"] not in allowed:
                continue
            if kind in {"SCALAR", "ENUM"} or name in self._kept:
                yield field

    def _inputs_and_leaves(self) -> set[str]:
        found: set[str] = set()
        for name in self._kept:
            for field in self._fields(self._types[name]):
                self._collect(_named(field["type"]), found)
                for argument in field["args"]:
                    self._collect(_named(argument["type"]), found)
        return found

    def _collect(self, name: str, found: set[str]) -> None:
        definition = self._types[name]
        if name in found or name in BUILT_IN_SCALARS or name in self._kept:
            return
        if definition["kind"] in {"SCALAR", "ENUM", "INPUT_OBJECT"}:
            found.add(name)
            for field in definition.get("inputFields") or []:
                self._collect(_named(field["type"]), found)

    def _definition(self, definition: Introspected) -> str:
        name = definition["name"]
        match definition["kind"]:
            case "SCALAR":
                return f"scalar {name}\n"
            case "ENUM":
                values = [
                    f"  {v['name']}{_deprecation(v)}"
                    for v in sorted(definition["enumValues"], key=lambda v: str(v["name"]))
                ]
                return _block(f"enum {name}", values)
            case "UNION":
                members = sorted(t["name"] for t in definition["possibleTypes"])
                kept = [member for member in members if member in self._kept]
                return f"union {name} = {' | '.join(kept)}\n"
            case "INPUT_OBJECT":
                return _block(
                    f"input {name}", [f"  {_input(f)}" for f in definition["inputFields"]]
                )
            case kind:
                keyword = "type" if kind == "OBJECT" else "interface"
                interfaces = sorted(
                    i["name"] for i in definition["interfaces"] or [] if i["name"] in self._kept
                )
                implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
                fields = [f"  {_field(f)}" for f in self._fields(definition)]
                return _block(f"{keyword} {name}{implements}", fields)


def _named(type_ref: Introspected) -> str:
    while type_ref.get("ofType"):
        type_ref = type_ref["ofType"]
    return str(type_ref["name"])


def _printed(type_ref: Introspected) -> str:
    if type_ref["kind"] == "NON_NULL":
        return f"{_printed(type_ref['ofType'])}!"
    if type_ref["kind"] == "LIST":
        return f"[{_printed(type_ref['ofType'])}]"
    return str(type_ref["name"])


def _deprecation(item: Introspected) -> str:
    if not item.get("isDeprecated"):
        return ""
    reason = " ".join(str(item.get("deprecationReason") or "").split())
    return f" @deprecated(reason: {json.dumps(reason, ensure_ascii=False)})"


def _input(item: Introspected) -> str:
    default = f" = {item['defaultValue']}" if item.get("defaultValue") is not None else ""
    return f"{item['name']}: {_printed(item['type'])}{default}{_deprecation(item)}"


def _field(field: Introspected) -> str:
    arguments = ", ".join(_input(argument) for argument in field["args"])
    call = f"({arguments})" if arguments else ""
    return f"{field['name']}{call}: {_printed(field['type'])}{_deprecation(field)}"


def _block(head: str, lines: list[str]) -> str:
    return f"{head} {{\n" + "\n".join(lines) + "\n}\n"


def _from_npm(package: str) -> Introspected:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(  # noqa: S603 - the operator names the package on the command line
            ["npm", "pack", "--silent", package],  # noqa: S607 - npm is found on the path
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        archive = next(Path(folder).glob("*.tgz"))
        with tarfile.open(archive) as tar:
            member = tar.extractfile(f"package/dist/data/admin_{API_VERSION}.json.gz")
            if member is None:
                sys.exit(f"{package} has no Admin schema {API_VERSION}")
            return dict(json.loads(gzip.decompress(member.read())))


def _from_disk(path: Path) -> Introspected:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return dict(json.loads(content))


def _check(introspection: Introspected) -> int:
    """Print what the whole schema has against our documents; returns how much that is."""
    schema = build_client_schema(introspection.get("data", introspection), assume_valid=True)
    texts = {name: document(name).text for name in document_names()}
    texts |= {f"export of {each.lower()}": export_query(each, Window()) for each in Resource}
    rules = [*specified_rules, NoDeprecatedCustomRule]
    objections = [
        f"{name}: {error.message}"
        for name, text in texts.items()
        for error in validate(schema, parse(text), rules)
    ]
    for objection in objections:
        sys.stdout.write(f"{objection}\n")
    sys.stdout.write(
        f"{len(texts)} documents against {len(schema.type_map):,} types of {API_VERSION}: "
        f"{len(objections)} objections\n"
    )
    return len(objections)


def main() -> None:
    """Write the extract next to the simulator, or check the documents."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("introspection", nargs="?", type=Path)
    source.add_argument("--npm", metavar="PACKAGE")
    parser.add_argument("--check", action="store_true", help="validate documents, write nothing")
    options = parser.parse_args()
    introspection = _from_npm(options.npm) if options.npm else _from_disk(options.introspection)
    if options.check:
        sys.exit(1 if _check(introspection) else 0)
    TARGET.write_text(Extract(introspection).sdl(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET}\n")


if __name__ == "__main__":
    main()
