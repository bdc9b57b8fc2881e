"""What Shopify refuses to run in bulk.

Messages are Shopify's as far as answers of real stores showed them; the rest says the same in the
same manner. "Nested" counts connections below the root one: products, variants, metafields is two.

Source: shopify.dev, "Perform bulk operations with the GraphQL Admin API", limits of bulk queries.
"""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    parse,
    validate,
)

MAX_CONNECTIONS = 5
MAX_NESTING = 2


class BulkQueryError(Exception):
    """A query that cannot run in bulk.

    Attributes:
        messages: One for each rule that it breaks.
    """

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


def validated(query: str, schema: GraphQLSchema) -> DocumentNode:
    """Parse a bulk query and check every rule.

    Raises:
        BulkQueryError: It breaks some.
    """
    if not query.strip():
        raise BulkQueryError(["Invalid bulk query: syntax error, unexpected end of file"])
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        raise BulkQueryError([f"Invalid bulk query: {error.message}"]) from error
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if any(operation.operation is not OperationType.QUERY for operation in operations):
        raise BulkQueryError(["Invalid operation type. Only `query` operations are supported."])
    if len(operations) != 1:
        raise BulkQueryError(["Invalid bulk query: exactly one operation is required."])
    if operations[0].variable_definitions:
        raise BulkQueryError(["Invalid bulk query: variables are not supported."])
    problems = validate(schema, document)
    if problems:
        raise BulkQueryError([f"Invalid bulk query: {problem.message}" for problem in problems])
    survey = _Survey(schema, document)
    survey.visit_root(operations[0])
    messages = survey.messages()
    if messages:
        raise BulkQueryError(messages)
    return document


class _Survey:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self._connections = 0
        self._nesting = 0
        self._roots = 0
        self._has_top_level_node = False
        self._is_in_list = False
        self._by_nodes: list[str] = []
        self._without_id: list[str] = []
        self._not_nodes: list[str] = []

    def visit_root(self, operation: OperationDefinitionNode) -> None:
        query = self._schema.query_type
        if query is None:
            return
        for field, _ in self._fields(operation.selection_set, query):
            self._roots += 1
            self._has_top_level_node |= field.name.value in {"node", "nodes"}
        self._visit(operation.selection_set, query, depth=-1, parent=None, in_list=False)

    def messages(self) -> list[str]:
        found = []
        if self._by_nodes:
            names = "', '".join(self._by_nodes)
            found.append(
                "All connection fields in a bulk query must select their contents using 'edges' > "
                f"'node', e.g: '{self._by_nodes[0]} {{ edges {{ node {{'. Selecting via 'nodes' is "
                f"not supported. Invalid connection fields: '{names}'."
            )
        if self._has_top_level_node:
            found.append("Bulk queries cannot contain a top level `node` field.")
        elif self._roots > 1:
            found.append("Bulk queries cannot contain more than one top level field.")
        if self._nesting > MAX_NESTING:
            found.append(
                "Bulk queries cannot contain connections with a nesting depth greater than "
                f"{MAX_NESTING}."
            )
        if self._connections > MAX_CONNECTIONS:
            found.append(f"Bulk queries cannot contain more than {MAX_CONNECTIONS} connections.")
        if self._without_id:
            found.append(
                "The parent 'node' field for a nested connection must select the 'id' field "
                "without an alias and must be of 'ID' return type. Connection fields without "
                f"'id': {', '.join(dict.fromkeys(self._without_id))}."
            )
        if self._not_nodes:
            names = "', '".join(self._not_nodes)
            found.append(
                "All connections in a bulk query must be of types that implement the Node "
                f"interface. Invalid connection fields: '{names}'."
            )
        if self._is_in_list:
            found.append(
                "Queries that contain a connection field within a list field are not currently "
                "supported."
            )
        if not self._connections and (not found or self._has_top_level_node):
            found.append("Bulk queries must contain at least one connection.")
        return found

    def _visit(
        self,
        selection: SelectionSetNode | None,
        parent_type: GraphQLObjectType | GraphQLInterfaceType,
        *,
        depth: int,
        parent: tuple[str, bool] | None,
        in_list: bool,
    ) -> None:
        for field, owner in self._fields(selection, parent_type):
            definition = owner.fields.get(field.name.value)
            if definition is None:
                continue
            named = get_named_type(definition.type)
            if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
                continue
            is_list = isinstance(_bare(definition.type), GraphQLList)
            if not named.name.endswith("Connection"):
                self._visit(
                    field.selection_set,
                    named,
                    depth=depth,
                    parent=parent,
                    in_list=in_list or is_list,
                )
                continue
            self._connections += 1
            self._nesting = max(self._nesting, depth + 1)
            self._is_in_list |= in_list
            if parent is not None and not parent[1]:
                self._without_id.append(parent[0])
            self._visit_connection(field, named, depth + 1)

    def _visit_connection(
        self, field: FieldNode, connection: GraphQLObjectType | GraphQLInterfaceType, depth: int
    ) -> None:
        name = field.name.value
        node_type = get_named_type(connection.fields["nodes"].type)
        node_interface = self._schema.get_type("Node")
        if isinstance(node_type, GraphQLObjectType | GraphQLInterfaceType) and isinstance(
            node_interface, GraphQLInterfaceType
        ):
            is_node = isinstance(node_type, GraphQLObjectType) and self._schema.is_sub_type(
                node_interface, node_type
            )
            if not is_node:
                self._not_nodes.append(name)
            for inner, _ in self._fields(field.selection_set, connection):
                if inner.name.value == "nodes":
                    self._by_nodes.append(name)
                    self._visit_node(inner, node_type, name, depth)
                if inner.name.value == "edges":
                    for edge, _ in self._fields(inner.selection_set, connection):
                        if edge.name.value == "node":
                            self._visit_node(edge, node_type, name, depth)

    def _visit_node(
        self,
        field: FieldNode,
        node_type: GraphQLObjectType | GraphQLInterfaceType,
        connection: str,
        depth: int,
    ) -> None:
        has_id = any(
            inner.name.value == "id" and inner.alias is None
            for inner, _ in self._fields(field.selection_set, node_type)
        )
        self._visit(
            field.selection_set,
            node_type,
            depth=depth,
            parent=(connection, has_id),
            in_list=False,
        )

    def _fields(
        self,
        selection: SelectionSetNode | None,
        owner: GraphQLObjectType | GraphQLInterfaceType,
    ) -> Iterator[tuple[FieldNode, GraphQLObjectType | GraphQLInterfaceType]]:
        for item in selection.selections if selection else ():
            if isinstance(item, FieldNode):
                yield item, owner
            elif isinstance(item, InlineFragmentNode):
                on = item.type_condition
                target = self._type(on.name.value if on is not None else None, owner)
                yield from self._fields(item.selection_set, target)
            elif isinstance(item, FragmentSpreadNode):
                fragment = self._fragments[item.name.value]
                target = self._type(fragment.type_condition.name.value, owner)
                yield from self._fields(fragment.selection_set, target)

    def _type(
        self, name: str | None, otherwise: GraphQLObjectType | GraphQLInterfaceType
    ) -> GraphQLObjectType | GraphQLInterfaceType:
        found = self._schema.get_type(name) if name else None
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            return found
        return otherwise


def _bare(type_: object) -> object:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_
