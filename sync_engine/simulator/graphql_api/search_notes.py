"""How a search query is shown back in `extensions.search`.

The shape was seen in answers of real stores; no page of shopify.dev describes it.
"""

from sync_engine.simulator.search.syntax import And, Node, Not, Or, Term

_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


def parsed_json(node: Node) -> object:
    """The tree of a query as JSON."""
    match node:
        case Term(field, comparator, value, is_quoted):
            how: dict[str, object]
            if comparator:
                how = {"range": {_RANGES[comparator]: value}}
            else:
                how = {"match_phrase" if is_quoted else "match_all": value}
            return how if field is None else {"field": field, **how}
        case Not(child):
            return {"not": parsed_json(child)}
        case And(children):
            return {"and": [parsed_json(child) for child in children]}
        case Or(children):
            return {"or": [parsed_json(child) for child in children]}
