"""A pytest plugin: what the tests make the program log, searched for private data at the end.

Every process of the session (one, or each of xdist's) writes the program's own log, at DEBUG, into
a file; programs that tests start write theirs to standard error, which is searched test by test.
One finding fails the session.
"""

import logging
import tempfile
from pathlib import Path
from typing import Any

import pytest

from config.telemetry import configure_log
from tests.private_data import private_data

_FINDINGS = "private_in_log"
_MOST_SHOWN = 20


class SearchedLog:
    """The log of this process, and what was found, here and in others."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile("w", encoding="utf-8")  # noqa: SIM115 - till the end
        self.findings: list[str] = []
        configure_log(log_format="json", level="DEBUG", stream=self._file)
        self._handler = logging.getLogger().handlers[0]

    def position(self) -> int:
        """Return where what is written from now on begins."""
        self._file.flush()
        return self._file.tell()

    def since(self, position: int) -> str:
        """Return what was written since."""
        self._file.flush()
        return Path(self._file.name).read_bytes()[position:].decode()

    def pytest_runtest_setup(self) -> None:
        """See that no test before has turned the log off."""
        root = logging.getLogger()
        if self._handler not in root.handlers:
            root.addHandler(self._handler)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Search what programs that a test started have logged; what they say to people may."""
        lines = [line for line in report.capstderr.splitlines() if line.startswith('{"')]
        self.findings += private_data("\n".join(lines))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what another process of this session has found."""
        self.findings += getattr(node, "workeroutput", {}).get(_FINDINGS, ())

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Search the log."""
        self.findings += private_data(self.since(0))
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_FINDINGS] = self.findings
        elif self.findings and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was found."""
        if self.findings:
            terminalreporter.section("the log holds what no log may hold", red=True)
            for finding in self.findings[:_MOST_SHOWN]:
                terminalreporter.line(finding)


_KEY = pytest.StashKey[SearchedLog]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin the log of this process."""
    log = SearchedLog()
    config.stash[_KEY] = log
    config.pluginmanager.register(log, "searched log")


@pytest.fixture(scope="session")
def searched_log(pytestconfig: pytest.Config) -> SearchedLog:
    """Return the log of this process."""
    return pytestconfig.stash[_KEY]
