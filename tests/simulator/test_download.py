import hashlib
import hmac

import pytest

from sync_engine.simulator.endpoints.download_endpoint import Span, requested_span
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness

ORDERS = "{ orders { edges { node { id name } } } }"


async def finished(harness: Harness) -> tuple[str, bytes]:
    url = (await harness.run_bulk(ORDERS))["url"]
    response = await harness.client.get(url)
    assert response.status_code == 200
    return url, response.content


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, Span(0, 100)),
        ("bytes=0-", Span(0, 100)),
        ("bytes=40-", Span(40, 100)),
        ("bytes=40-49", Span(40, 50)),
        ("bytes=90-500", Span(90, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-500", Span(0, 100)),
        ("bytes=99-", Span(99, 100)),
        ("bytes=100-", None),
        ("bytes=50-40", None),
        ("bytes=-0", None),
        ("lines=1-2", Span(0, 100)),
        ("bytes=1-2,4-5", Span(0, 100)),
    ],
)
def test_ranges(header: str | None, span: Span | None) -> None:
    assert requested_span(header, 100) == span


async def test_a_file_is_served_whole_with_its_length_and_tag(simulate: MakeHarness) -> None:
    harness = simulate()
    url, content = await finished(harness)
    response = await harness.client.get(url, headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-length"] == str(len(content))
    assert response.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in response.headers
    assert content.endswith(b"}\n")


async def test_a_download_can_go_on_where_it_broke(simulate: MakeHarness) -> None:
    harness = simulate()
    url, content = await finished(harness)
    etag = (await harness.client.get(url)).headers["etag"]
    rest = await harness.client.get(url, headers={"Range": "bytes=1000-", "If-Range": etag})
    assert rest.status_code == 206
    assert rest.headers["content-range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"
    assert rest.content == content[1000:]
    changed = await harness.client.get(url, headers={"Range": "bytes=1000-", "If-Range": '"x"'})
    assert (changed.status_code, changed.content) == (200, content)
    beyond = await harness.client.get(url, headers={"Range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(content)}"
    counters = (await harness.control("GET", "counters"))["demo.myshopify.com"]["download"]
    assert counters["range_starts"] == [1000]


async def test_only_signed_urls_open_files_and_no_token_is_needed(simulate: MakeHarness) -> None:
    harness = simulate()
    url, _ = await finished(harness)
    path, _, query = url.removeprefix("http://simulator").partition("?")
    expires = query.split("&")[0].removeprefix("Expires=")
    key = harness.simulation.url_secret.encode()
    signature = hmac.new(key, f"{path}:{expires}".encode(), hashlib.sha256).hexdigest()
    assert query == f"Expires={expires}&Signature={signature}"
    for forged in (
        path,
        f"{path}?Expires={int(expires) + 1}&Signature={signature}",
        f"{path}?Expires={expires}&Signature={'0' * 64}",
        f"{path}?Expires=never&Signature={signature}",
    ):
        assert (await harness.client.get(forged)).status_code == 403
    assert (await harness.client.get("/demo.myshopify.com/bulk/1.jsonl")).status_code == 404
