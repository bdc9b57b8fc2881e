"""The program as its users start it sends webhooks too, on the event loop that it runs on."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

from tests.simulator_process import simulator

SPEC = "demo:orders=20"


@contextmanager
def receiving() -> Iterator[tuple[int, Queue[str]]]:
    """A receiver of another make, on a thread: its port, and the topics that come in."""
    topics: Queue[str] = Queue()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            topics.put(self.headers["X-Shopify-Topic"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, topics
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_program_reads_its_configuration_and_delivers(tmp_path: Path) -> None:
    config = tmp_path / "shopify.app.toml"
    with receiving() as (port, topics):
        config.write_text(
            f'application_url = "http://127.0.0.1:{port}"\n[[webhooks.subscriptions]]\n'
            'topics = ["orders/updated"]\ncompliance_topics = ["shop/redact"]\nuri = "/hook"\n',
            encoding="utf-8",
        )
        arguments = ("--app-config", str(config))
        with simulator(SPEC, cache=tmp_path / "cache", arguments=arguments) as running:
            running.control("POST", "/shops/demo/webhooks/fire", topic="shop/redact")
            assert topics.get(timeout=10) == "shop/redact"
            running.control("POST", "/shops/demo/tokens", kind="permanent")
            running.control("POST", "/shops/demo/churn", edits=40, seed=1)
            assert topics.get(timeout=10) == "orders/updated"
