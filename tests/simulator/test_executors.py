"""The compiled way and graphql-core give the same answers from the same tables."""

from typing import Any

import orjson
import pytest
from graphql import FieldNode, OperationDefinitionNode, parse
from graphql.execution.values import VariableValues

from sync_engine.simulator.graphql_api.compiled import Compiler
from sync_engine.simulator.graphql_api.execution import Execution
from sync_engine.simulator.graphql_api.reference import execute_reference
from sync_engine.simulator.graphql_api.selections import SelectionReader
from sync_engine.simulator.graphql_api.tables import FIELD_TABLES
from sync_engine.simulator.json_text import to_json
from tests.simulator.conftest import MakeHarness
from tests.simulator.documents import EverythingWriter
from tests.simulator.harness import Harness

SPEC = "demo:customers=30:products=12:orders=120:seed=5"


def both(harness: Harness, document_text: str) -> tuple[Any, Any]:
    schema = harness.simulation.graphql.schema
    document = parse(document_text)
    assert harness.simulation.graphql.document(document_text) is not None
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))

    def execution() -> Execution:
        return Execution(
            state=harness.simulation.shops[harness.domain],
            moment=harness.clock(),
            version="2026-10",
            app="custom",
            scopes=frozenset({"read_orders", "read_customers", "read_products", "read_all_orders"}),
            notes=[],
            backstage=None,  # type: ignore[arg-type]  # nothing here is set in motion
        )

    nothing = VariableValues({}, {})
    compiler = Compiler(
        SelectionReader(schema, document, nothing), FIELD_TABLES, nothing, execution()
    )
    assert schema.query_type is not None
    run = compiler.object(schema.query_type, [operation.selection_set])
    reference = execute_reference(
        schema,
        document,
        tables=FIELD_TABLES,
        variables={},
        operation_name=None,
        execution=execution(),
    )
    assert reference.errors is None, reference.errors
    return orjson.loads(to_json(run(execution()))), orjson.loads(to_json(reference.data))


@pytest.mark.parametrize("root", ["orders", "customers", "products", "productVariants"])
async def test_everything_below_a_list_comes_out_the_same(simulate: MakeHarness, root: str) -> None:
    harness = simulate(SPEC)
    schema = harness.simulation.graphql.schema
    assert schema.query_type is not None
    types = {"orders": "Order", "customers": "Customer", "products": "Product"}
    inner = EverythingWriter(schema).selection(types.get(root, "ProductVariant"), depth=3)
    text = f"{{ {root}(first: 40, reverse: true) {{ nodes {{ {inner} }} }} }}"
    compiled, reference = both(harness, text)
    assert compiled == reference
    assert len(compiled[root]["nodes"]) > 8


async def test_refunds_and_their_parts_come_out_the_same(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    refunds = [refund for order in harness.shop.orders() for refund in order.refunds]
    assert refunds
    writer = EverythingWriter(harness.simulation.graphql.schema)
    inner = writer.selection("Refund", depth=4)
    ids = orjson.dumps([f"gid://shopify/Refund/{refund.id}" for refund in refunds]).decode()
    compiled, reference = both(
        harness, f"{{ nodes(ids: {ids}) {{ __typename ... on Refund {{ {inner} }} }} }}"
    )
    assert compiled == reference
    assert {node["__typename"] for node in compiled["nodes"]} == {"Refund"}


async def test_shop_and_installation_come_out_the_same(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    writer = EverythingWriter(harness.simulation.graphql.schema)
    compiled, reference = both(
        harness,
        f"""{{ shop {{ {writer.selection("Shop", depth=2)} }}
        currentAppInstallation {{ {writer.selection("AppInstallation", depth=2)} }}
        publicApiVersions {{ handle displayName supported }} }}""",
    )
    assert compiled == reference


async def test_fragments_aliases_and_directives_mean_the_same(simulate: MakeHarness) -> None:
    compiled, reference = both(
        simulate(SPEC),
        """{
          some: orders(first: 2) { edges { cursor node { ...names totals: totalPriceSet { m:
          shopMoney { amount } } } } pageInfo { hasNextPage } }
          node(id: "gid://shopify/Order/1") { id }
        }
        fragment names on Order { name ... on Node { key: id } ... @skip(if: true) { note }
          customer @include(if: true) { id } }""",
    )
    assert compiled == reference
    assert set(compiled["some"]["edges"][0]["node"]) == {"name", "key", "customer", "totals"}
    assert compiled["node"] is None


def test_documents_here_really_select_everything(schema: Any) -> None:
    text = EverythingWriter(schema).selection("Order", depth=3)
    document = parse(f"{{ order {{ {text} }} }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    order = operation.selection_set.selections[0]
    assert isinstance(order, FieldNode)
    assert order.selection_set is not None
    selected = {n.name.value for n in order.selection_set.selections if isinstance(n, FieldNode)}
    assert selected >= set(FIELD_TABLES["Order"])
