"""The program as its users start it, over real sockets on this machine."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

SHOP = {"query": "{ shop { name } }"}
HEADERS = {"X-Shopify-Access-Token": "shpat_demo"}
GRAPHQL = "/demo.myshopify.com/admin/api/2026-10/graphql.json"


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this very interpreter
        [sys.executable, "-m", "sync_engine.simulator", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    cache: Path = tmp_path_factory.mktemp("cache")
    process = start(
        "--shop", "demo:orders=300", "--cache-dir", str(cache), "--bulk-seconds", "0"
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:")
    with httpx.Client(base_url=line.removeprefix("listening on ").strip()) as client:
        yield client
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)
    assert errors == ""


def arm(server: httpx.Client, action: dict[str, object], kind: str) -> None:
    armed = server.post("/_control/faults", json={"action": action, "kind": kind})
    assert armed.status_code == 201


def result_url(server: httpx.Client) -> str:
    mutation = (
        'mutation { bulkOperationRunQuery(query: "{ orders { edges { node { id name note email '
        'tags } } } }") { bulkOperation { id } } }'
    )
    server.post(GRAPHQL, json={"query": mutation}, headers=HEADERS)
    poll = {"query": "{ bulkOperations(first: 1) { nodes { status url } } }"}
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = server.post(GRAPHQL, json=poll, headers=HEADERS).json()
        operation = answer["data"]["bulkOperations"]["nodes"][0]
        if operation["status"] == "COMPLETED":
            return str(operation["url"])
    pytest.fail("the operation did not complete")


def read_into(received: list[bytes], server: httpx.Client, url: str) -> None:
    with server.stream("GET", url) as response:
        received.extend(response.iter_raw())


def test_requests_are_answered(server: httpx.Client) -> None:
    response = server.post(GRAPHQL, json=SHOP, headers=HEADERS)
    assert response.json()["data"] == {"shop": {"name": "Demo"}}
    content = server.get(result_url(server)).content
    assert len(content.splitlines()) == 300


def test_a_connection_can_be_reset_before_the_answer(server: httpx.Client) -> None:
    arm(server, {"type": "reset"}, "graphql")
    with pytest.raises(httpx.ReadError):
        server.post(GRAPHQL, json=SHOP, headers=HEADERS)
    assert server.post(GRAPHQL, json=SHOP, headers=HEADERS).status_code == 200


def test_a_download_can_break_and_go_on(server: httpx.Client) -> None:
    url = result_url(server)
    whole = server.get(url).content
    arm(server, {"type": "reset", "after_bytes": 5000}, "download")
    received: list[bytes] = []
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        read_into(received, server, url)
    start = b"".join(received)
    assert start == whole[:5000]
    rest = server.get(url, headers={"Range": "bytes=5000-"})
    assert start + rest.content == whole


def test_a_url_can_expire_in_the_middle(server: httpx.Client) -> None:
    url = result_url(server)
    arm(server, {"type": "expire_url", "after_bytes": 100}, "download")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        server.get(url)
    assert server.get(url, headers={"Range": "bytes=100-"}).status_code == 403


def test_a_slow_body_arrives_whole(server: httpx.Client) -> None:
    arm(server, {"type": "drip", "bytes_per_second": 1000}, "graphql")
    before = time.monotonic()
    response = server.post(GRAPHQL, json=SHOP, headers=HEADERS)
    assert response.json()["data"] == {"shop": {"name": "Demo"}}
    assert time.monotonic() - before > 0.1


def test_an_answer_that_hangs_does_not_hold_up_others_or_the_end(tmp_path: Path) -> None:
    process = start("--shop", "demo:orders=1", "--cache-dir", str(tmp_path))
    assert process.stdout is not None
    url = process.stdout.readline().removeprefix("listening on ").strip()
    with httpx.Client(base_url=url) as client:
        arm(client, {"type": "hang", "seconds": 1000.0}, "graphql")
        with pytest.raises(httpx.ReadTimeout):
            client.post(GRAPHQL, json=SHOP, headers=HEADERS, timeout=0.2)
        assert client.post(GRAPHQL, json=SHOP, headers=HEADERS).status_code == 200
        before = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
        assert time.monotonic() - before < 1.5


def test_a_wrong_spec_is_told_on_one_line() -> None:
    process = start("--shop", "demo:colour=red")
    output, errors = process.communicate(timeout=10)
    assert process.returncode == 2
    assert output == ""
    assert errors.startswith("shop spec, colour: unknown key; known are seed, customers,")
    assert errors.count("\n") == 1


def test_help_lists_the_keys_of_a_spec() -> None:
    process = start("--help")
    output, _ = process.communicate(timeout=10)
    assert "comma-separated scopes of that token" in output
