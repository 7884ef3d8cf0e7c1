"""What the product logs while a test runs, written by the product's own formatter."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from site_config import logs


@dataclass
class Log:
    """Everything that was written, as text and as the objects in it."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """Everything, as it would stand on stderr."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line as an object."""
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def events(self) -> list[str]:
        """The names, in order."""
        return [line["event"] for line in self.lines]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of one name."""
        return [line for line in self.lines if line["event"] == event]

    def one(self, event: str) -> dict[str, Any]:
        """The fields that only this kind of line has; there must be exactly one such line."""
        (line,) = self.of(event)
        return {name: value for name, value in line.items() if name not in logs.HEAD}


@contextmanager
def logged(log_format: str = "json") -> Iterator[Log]:
    """Collect what reaches the root logger, as the handler for stderr does."""
    log = Log()
    handler = logs.Stderr(log.stream)
    handler.setFormatter(logs.formatter(log_format))
    logging.getLogger().addHandler(handler)
    try:
        yield log
    finally:
        logging.getLogger().removeHandler(handler)
