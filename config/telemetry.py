"""Sets the log up, once, at the entry: one line per unit of work, without secrets."""

import logging
import re
import sys
from typing import Any

import structlog

_SECRET_KEYS = re.compile(r"token|secret|password|authorization|hmac|cookie|code$", re.IGNORECASE)
_SECRET_TEXTS = re.compile(
    r"shp[a-z]{2,3}_[A-Za-z0-9_-]+|echo_[0-9a-f]{12,}_[A-Za-z0-9_-]+|Bearer\s+\S+"
    r"|[\w.+-]+@[\w-]+\.[\w.]+"
)
_HIDDEN = "[hidden]"


def configure_log(*, log_format: str, level: str) -> None:
    """Send everything that is logged, by us and by libraries, to standard error in one form.

    ``log_format`` is ``console``, ``json``, or ``auto``: console at a terminal, json elsewhere.
    """
    is_console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
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
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "gql", "pymongo", "apscheduler", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def hide_secrets(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Blank what looks like a secret or an e-mail address, by the field's name and by its text."""
    for key, value in event.items():
        if key != "event" and _SECRET_KEYS.search(key):
            event[key] = _HIDDEN
        elif isinstance(value, str):
            event[key] = _SECRET_TEXTS.sub(_HIDDEN, value)
    return event
