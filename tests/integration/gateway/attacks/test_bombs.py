"""Documents and bodies that are small to send and meant to be large to answer.

Each is refused, with a code and within a second or so of this process's time, whatever it would
have cost to do what it asks.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sync_engine.store.store import Store
from tests.examples import SHOP, connected_shop
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller, MakeCaller

_PATIENCE_SECONDS = 3.0  # with other tests on the same cores; undisturbed it is a tenth of that


def nested(depth: int) -> str:
    return "orders { nodes { customer { " * depth + "id" + " } } }" * depth


def doubling(levels: int) -> str:
    """Return fragments, of which each spreads the next twice under other names."""
    return " ".join(
        f"fragment F{n} on Order {{ {alias('a', n + 1)} {alias('b', n + 1)} }}"
        for n in range(levels)
    )


def alias(name: str, number: int) -> str:
    return f"{name}: customer {{ orders(first: 1) {{ nodes {{ ...F{number} }} }} }}"


def twins(depth: int) -> str:
    return (
        "id"
        if depth == 0
        else " ".join([f"customer {{ orders {{ nodes {{ {twins(depth - 1)} }} }} }}"] * 2)
    )


BOMBS = {
    "aliases": "{ " + " ".join(f"a{n}: viewer {{ kind }}" for n in range(500)) + " }",
    "aliases of expensive fields": "{ shop { "
    + " ".join(f"a{n}: orders(first: 250) {{ totalCount nodes {{ id }} }}" for n in range(99))
    + " } }",
    "directives": "{ viewer { kind " + "@include(if: true) " * 1_000 + "} }",
    "directives that do not exist": "{ viewer { kind " + "@a" * 2_000 + "} }",
    "depth": "{ shop { " + nested(200) + " } }",
    "depth by inline fragments": "{ viewer { "
    + "... on Viewer { " * 1_000
    + "kind"
    + " }" * 1_000
    + " } }",
    "fragments in a circle": "{ shop { ...A } } "
    "fragment A on Shop { ...B } fragment B on Shop { ...A }",
    "fragments that double": "{ shop { orders { nodes { ...F0 } } } } "
    + doubling(40)
    + " fragment F40 on Order { id }",
    "fragments that double, shallow": "{ shop { orders { nodes { ...F0 } } } } "
    + doubling(4)
    + " fragment F4 on Order { "
    + " ".join(f"x{n}: id" for n in range(80))
    + " }",
    "many spreads": "{ shop { " + "...F " * 4_000 + "} } fragment F on Shop { id }",
    "many fragments": "{ shop { "
    + " ".join(f"...F{n}" for n in range(400))
    + " } } "
    + " ".join(f"fragment F{n} on Shop {{ id sync {{ lastSucceededAt }} }}" for n in range(400)),
    "the same field again and again": "{ viewer { " + "kind " * 4_900 + "} }",
    "the same branches again and again": f"{{ shop {{ orders {{ nodes {{ {twins(5)} }} }} }} }}",
    "many tokens": "{ viewer { kind } } " + "{ " * 100_000,
    "many operations": " ".join(f"query Q{n} {{ viewer {{ kind }} }}" for n in range(2_000)),
    "many variables": "query("
    + " ".join(f"$v{n}: Int" for n in range(2_000))
    + ") { viewer { kind } }",
    "lists in lists": "{ shop { customers(first: 250) { nodes { "
    "orders(first: 250) { nodes { id } } } } } }",
    "introspection that comes back to itself": "{ __schema { types { "
    + "fields { type { " * 20
    + "name"
    + " } }" * 20
    + " } } }",
}


async def _refused(caller: Caller, body: Any) -> None:
    began = time.monotonic()
    response = await caller.http.post(
        "/graphql", json=body, headers={"Authorization": f"Bearer {caller.token}"}
    )
    assert time.monotonic() - began < _PATIENCE_SECONDS
    assert response.status_code in {200, 400}
    content = response.json()
    assert "data" not in content
    for error in content["errors"]:
        assert error["extensions"]["code"] not in {"INTERNAL_SERVER_ERROR", "TIMEOUT"}


async def test_bombs_do_not_go_off(
    make_caller: MakeCaller, store: Store, subtests: pytest.Subtests
) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    for name, query in BOMBS.items():
        with subtests.test(name):
            await _refused(caller, {"query": query})
    assert await caller.data("{ viewer { kind } }") == {"viewer": {"kind": "SHOP"}}


async def test_batches_are_not_taken(operator: Caller) -> None:
    batch = [{"query": "{ viewer { kind } }"}] * 10
    headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
    response = await operator.http.post("/graphql", json=batch, headers=headers)
    assert response.status_code == 400
    assert "data" not in response.json()


async def test_bodies_and_variables_have_a_size(
    operator: Caller, subtests: pytest.Subtests
) -> None:
    query = "query($d: ShopDomain) { shop(domain: $d) { id } }"
    deep = '{"query": "{ viewer { kind } }", "variables": {"d": %s}}'
    bodies: dict[str, tuple[str | bytes, int]] = {
        "a large body": (json.dumps({"query": "#" * 1_100_000}), 413),
        "a deep body": ("[" * 200_000, 400),
        "an endless variable": (deep % ("[" * 100_000 + "]" * 100_000), 400),
        "a deep variable": (deep % ("[" * 50 + "]" * 50), 400),
        "a deep object": (deep % ('{"a":' * 50 + "1" + "}" * 50), 400),
        "a broad variable": (json.dumps({"query": query, "variables": {"d": [1] * 20_000}}), 400),
        "many unused variables": (
            json.dumps({"query": query, "variables": {f"v{n}": n for n in range(20_000)}}),
            400,
        ),
        "a number without end": (deep % ("9" * 900_000), 400),
        "a lone surrogate": (r'{"query": "{ viewer { kind } } # \ud800"}', 400),
        "no utf-8": (b'{"query": "{ viewer { kind } } # \xff"}', 400),
        "no json": ("query { viewer { kind } }", 400),
    }
    headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}", "Content-Type": "application/json"}
    for name, (body, status) in bodies.items():
        with subtests.test(name):
            response = await operator.http.post("/graphql", content=body, headers=headers)
            assert response.status_code == status
            assert "data" not in response.json()
            assert "Traceback" not in response.text


async def test_a_body_without_a_length_has_a_size_too(operator: Caller) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"query": "'
        for _ in range(200):
            yield b"#" * 10_000

    headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}", "Content-Type": "application/json"}
    try:
        response = await operator.http.post("/graphql", content=endless(), headers=headers)
    except (httpx.ReadError, httpx.WriteError):
        return  # the server has hung up before the client had sent everything
    assert response.status_code == 413
