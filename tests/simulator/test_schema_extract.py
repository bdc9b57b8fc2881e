"""The extract and the tables of simulated fields fit each other."""

from graphql import GraphQLObjectType, GraphQLSchema, assert_valid_schema, get_named_type

from sync_engine.simulator.graphql_api.tables import FIELD_TABLES

WANTED_ROOTS = {
    "orders", "order", "customers", "customer", "products", "product", "productVariants",
    "productVariant", "ordersCount", "customersCount", "productsCount", "node", "nodes", "shop",
    "bulkOperation", "bulkOperations", "currentBulkOperation", "currentAppInstallation",
    "publicApiVersions", "webhookSubscriptions", "webhookSubscription", "refund", "events",
}  # fmt: skip


def test_the_extract_is_a_valid_schema(schema: GraphQLSchema) -> None:
    assert_valid_schema(schema)
    assert schema.query_type is not None
    assert set(schema.query_type.fields) == WANTED_ROOTS


def test_every_table_is_of_a_type_and_every_entry_of_a_field(schema: GraphQLSchema) -> None:
    for name, table in FIELD_TABLES.items():
        type_ = schema.get_type(name)
        assert isinstance(type_, GraphQLObjectType), name
        assert set(table) <= set(type_.fields), name


def test_every_root_field_is_simulated(schema: GraphQLSchema) -> None:
    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        assert set(FIELD_TABLES[root.name]) == set(root.fields)


def test_whatever_a_simulated_field_returns_is_simulated_too(schema: GraphQLSchema) -> None:
    for name, table in FIELD_TABLES.items():
        type_ = schema.get_type(name)
        assert isinstance(type_, GraphQLObjectType)
        for field in table:
            returned = get_named_type(type_.fields[field].type)
            if isinstance(returned, GraphQLObjectType):
                assert returned.name in FIELD_TABLES, f"{name}.{field}"


def test_deprecations_are_kept_with_their_reasons(schema: GraphQLSchema) -> None:
    order = schema.get_type("Order")
    assert isinstance(order, GraphQLObjectType)
    assert order.fields["totalPrice"].deprecation_reason == "Use `totalPriceSet` instead."
    assert order.fields["totalPriceSet"].deprecation_reason is None
