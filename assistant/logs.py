"""Structured logs with an allow-list of keys: what is not named here is not written.

Patient data, questions and request bodies have no key, so they cannot reach a
log line. Messages and tracebacks of libraries may quote data; only the logger's
name, the level and the type of the exception are kept of them.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger",
        "method", "route", "status", "ms", "bytes",
        "error", "where", "part", "version",
        "answer_status", "citations", "ruleset", "resources", "trials", "issues",
        "open_records",
    }
)  # fmt: skip
"""Keys a log line may carry. Values are numbers, fixed words, route templates, type names."""

_EVENT = re.compile(r"[a-z][a-z_]{2,40}")
_HANDLER = "trd-assistant"


def configure_logging(stream: TextIO | None = None) -> None:
    """Write every log line as JSON to ``stream`` (standard error), allow-listed."""
    target = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    _capture_library_logs(target)


def keep_allowed(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop what the allow-list does not name; an event that is no fixed word is blanked."""
    kept = {key: value for key, value in line.items() if key in ALLOWED_KEYS}
    if not _EVENT.fullmatch(str(kept.get("event", ""))):
        kept["event"] = "unnamed_event"
    return kept


class _LibraryHandler(logging.Handler):
    """Keeps of a library's record its origin, level and exception type, never its text."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0] if record.exc_info else None
        write = structlog.get_logger().warning if record.levelno < logging.ERROR else (
            structlog.get_logger().error
        )  # fmt: skip
        write(
            "library_message",
            logger=record.name,
            where=f"{record.module}:{record.lineno}",
            error=error.__name__ if error else None,
        )


def _capture_library_logs(_target: TextIO) -> None:
    handler = _LibraryHandler(level=logging.WARNING)
    handler.name = _HANDLER
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True


def log(event: str, **keys: object) -> None:
    """Write one line; ``event`` is a fixed word, ``keys`` are on the allow-list."""
    structlog.get_logger().info(event, **keys)
