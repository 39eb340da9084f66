"""What the commands log, on standard error: the time, how bad it is unless it is ordinary, and the sentence."""

from __future__ import annotations

import logging

OTHERS = ("httpx", "httpcore", "stripe", "notion_client", "alembic", "websockets", "prefect", "uvicorn", "asyncio")
"""Libraries whose own lines say nothing to a person until something is wrong."""


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        word = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        name = "" if record.name.startswith("hub") else f"{record.name}: "
        lines = [f"{self.formatTime(record, '%H:%M:%S')}  {word}{name}{record.message}"]
        if record.exc_info:
            lines.append(self.formatException(record.exc_info))
        return "\n".join(lines)


def show_log(level: str) -> None:
    """Log to standard error from `level` on; of other libraries only what is wrong. Replaces what was set up before."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("hub").setLevel(level)
    for name in OTHERS:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "DEBUG" else logging.ERROR)
