"""The search of the log fails a session in which something private was logged, and only then."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.private_data import private_data

ROOT = Path(__file__).parents[2]
TESTS = """
import sys
import structlog

def test_that_logs():
    structlog.get_logger("gateway.x").info("customer.seen", reason="it is Ada Example")

def test_of_a_program_that_logs():
    print('{"event": "seen in another program", "to": "ada@example.com"}', file=sys.stderr)
"""


def test_a_leak_in_any_process_fails_the_session(tmp_path: Path) -> None:
    (tmp_path / "test_leaks.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.searched_log", "-n", "1", "-q"]
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "a name, 'Ada Example', in: " in done.stdout
    assert "an e-mail address, 'ada@example.com', in: " in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "shpat_0123",
        "shprt_0123",
        "echo_0192ab34cd56ef78_secret",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2ln",
        "Bearer something",
        "to ada@example.com",
        "call +4915112345678",
        '"operator-token-of-the-tests"',
        "m2whE7cZ4bW5BZyvGtcdhKhmhVuXLVljikkvjDkjBCE=",
    ],
)
def test_what_is_private_is_found(text: str) -> None:
    assert private_data(f'{{"event": "x"}}\n{{"reason": "{text}"}}')


def test_what_was_hidden_is_no_finding() -> None:
    assert private_data('{"reason": "Bearer [hidden] for [hidden]", "at": "10:00:00+00:00"}') == []
