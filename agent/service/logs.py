"""The log: one rotating file in the data directory, without the key and without signed links.

Above DEBUG it holds no whole path either: a log goes to others when something is wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from agent.bills.links import without_signed_links_in_text
from agent.bills.short_paths import shortened
from agent.system.directories import home_dir

LOG_NAME = "bill-agent.log"
_LARGEST_BYTES = 2_000_000
_KEPT = 5
_QUIET_LIBRARIES = ("httpx", "httpcore", "watchdog", "PIL", "keyring", "asyncio", "filelock")
"""They speak of every request or file at levels that would fill the log, or name URLs."""


class RedactingFormatter(logging.Formatter):
    """Formats records, tracebacks included, without the key and without pre-signed links.

    ``places`` are paths that stand there by their last name alone, above DEBUG.
    """

    def __init__(
        self,
        secrets: Callable[[], tuple[str, ...]],
        places: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets
        self._places = places

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one redacted text."""
        text = without_signed_links_in_text(super().format(record))
        for secret in self._secrets():
            if secret:
                text = text.replace(secret, "(the API key)")
        if record.levelno > logging.DEBUG:
            text = shortened(text, self._places(), home_dir())
        return text


def set_up_logs(
    folder: Path,
    level: str,
    *,
    secrets: Callable[[], tuple[str, ...]],
    places: Callable[[], tuple[str, ...]],
) -> logging.Handler:
    """Let the package's loggers write to a file in ``folder``; return the handler."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / LOG_NAME,
        maxBytes=_LARGEST_BYTES,
        backupCount=_KEPT,
        encoding="utf-8",
        errors="backslashreplace",
    )
    handler.setFormatter(RedactingFormatter(secrets, places))
    logger = logging.getLogger("agent")
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler


def end_logs(handler: logging.Handler) -> None:
    """Close the log."""
    logging.getLogger("agent").removeHandler(handler)
    handler.close()
