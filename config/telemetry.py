"""Sets the log up, once, at the entry: one line per unit of work, without secrets."""

import logging
import sys
from collections.abc import Collection
from typing import IO, Any

import structlog

from config.redaction import Redaction

_OURS = ("config", "gateway", "sync_engine")
_CHATTY = (
    *("apscheduler", "gql", "httpcore", "httpx", "opentelemetry", "pymongo", "urllib3"),
    "uvicorn.access",
)


def configure_log(
    *,
    log_format: str,
    level: str,
    secrets: Collection[str] = (),
    stream: IO[str] | None = None,
) -> None:
    """Send everything that is logged, by us and by libraries, to one stream in one form.

    Args:
        log_format: ``console``, ``json``, or ``auto``: console at a terminal, json elsewhere.
        level: the lowest level that is shown of ours; libraries show INFO at the lowest, for at
            DEBUG they quote what goes over the wire.
        secrets: the secrets of this process, which are hidden wherever they stand.
        stream: where to; standard error where it is left out.
    """
    redaction = Redaction(secrets)

    def redact(
        _logger: Any, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return redaction.event(event)

    is_console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if is_console else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.INFO, logging.getLevelName(level)))
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    for name in _CHATTY:  # below warnings they tell of documents, headers and addresses
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # A look that still goes on when the next one is due is no news: the next one is left out.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
