"""Some queries to paste into a terminal, against what the demo has just synced."""

import json

from rich.console import Console

_QUERIES = {
    "The shop, and how far its copy is": (
        "{ shop { name currencyCode sync { lastSucceededAt resources "
        "{ resource stored syncedThrough } } } }"
    ),
    "The five dearest orders": (
        "{ shop { orders(first: 5, sort: TOTAL_PRICE) { nodes { name createdAt "
        "totalPrice { amount currencyCode } customer { displayName } } } } }"
    ),
    "The KPIs of a month, day by day": (
        '{ shop { kpis(range: { from: "2026-10-01", until: "2026-10-31" }) { totals { orders '
        "netSales totalSales } series { date values { orders netSales } } } } }"
    ),
    "Refunded orders, with what was given back": (
        '{ shop { orders(first: 3, filter: { financialStatus: "REFUNDED" }) { totalCount nodes '
        "{ name refunds { createdAt total { amount } lineItems { quantity } } } } } }"
    ),
}


def show_queries(console: Console, public_url: str, token: str) -> None:
    """Print where the API is, a token for the demo's shop, and the queries."""
    console.print(f"\nGraphQL:  {public_url}/graphql")
    console.print(f"Token:    {token}   (this shop's data, KPIs and syncs)\n")
    for title, query in _QUERIES.items():
        console.print(f"# {title}", style="dim")
        body = json.dumps({"query": query})
        console.out(
            f"curl -s {public_url}/graphql -H 'Content-Type: application/json' \\\n"
            f"  -H 'Authorization: Bearer {token}' \\\n  -d '{body}'\n"
        )
    console.print("Serving until Ctrl-C.")
