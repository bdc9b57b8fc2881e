"""The log as the program writes it, for tests that read it.

All tests of a session write one such log into a file, which is searched at the end: see
``searched_log.py``.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from config.telemetry import configure_log


@contextmanager
def product_log() -> Iterator[io.StringIO]:
    """Write the log, at DEBUG and as JSON, into a stream of its own until the end of the block."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    names = logging.Logger.manager.loggerDict
    levels = {name: logging.getLogger(name).level for name in list(names)}
    configuration = structlog.get_config()
    stream = io.StringIO()
    try:
        configure_log(log_format="json", level="DEBUG", stream=stream)
        yield stream
    finally:
        structlog.configure(**configuration)
        root.handlers[:] = before
        root.setLevel(level)
        for name, each in levels.items():
            logging.getLogger(name).setLevel(each)
