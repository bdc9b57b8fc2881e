"""What schemathesis is told of this API: how its scalars look, and what no answer may be.

Loaded by schemathesis itself, in a process of its own.
"""

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes, scalar

from tests.examples import OTHER_SHOP, SHOP

CODES = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "NOT_FOUND",
    "QUERY_TOO_COMPLEX",
}

_DOMAINS = st.sampled_from([SHOP, OTHER_SHOP, "nowhere.myshopify.com", "x", ""])

scalar("ShopDomain", _DOMAINS.map(nodes.String))
scalar("DateTime", st.datetimes().map(lambda each: nodes.String(f"{each.isoformat()}Z")))
scalar("Date", st.dates().map(lambda each: nodes.String(each.isoformat())))
scalar("Decimal", st.decimals().map(str).map(nodes.String))
scalar("BigInt", st.integers(min_value=-(2**65), max_value=2**65).map(nodes.Int))
scalar("CurrencyCode", st.text(max_size=4).map(nodes.String))


@schemathesis.check
def no_failure_of_ours(
    _context: schemathesis.CheckContext,
    response: schemathesis.Response,
    _case: "schemathesis.Case[Any]",
) -> None:
    """Every answer is JSON, and every error one that clients are meant to see."""
    assert response.status_code in {200, 400}, f"status {response.status_code}"
    content = response.json()
    assert "data" in content or content.get("errors"), "neither data nor errors"
    for error in content.get("errors") or ():
        code = error.get("extensions", {}).get("code")
        assert code in CODES, f"{code}: {error['message']}"
