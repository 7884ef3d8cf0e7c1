"""What the product logs while a test runs, written by the product's own formatter."""

import io
import json
import logging
import os
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


# What the tests' guests and the installation are called, wherever a test makes one: none of it belongs into the log.
CANARIES = (
    *("Ada Guest", "ada@guest.example", "+353 86 555 0123", "4242424242424242", "innkeep-test"),
    *(os.environ["STRIPE_SECRET_KEY"], os.environ["STRIPE_WEBHOOK_SECRET"], os.environ["DJANGO_SECRET_KEY"]),
)


class Canary(logging.Handler):
    """Reads every line of a test as it would stand on stderr, and keeps those that say too much."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.formatter("json"))
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one line."""
        text = self.format(record)
        self.found += [f"{mark!r} is in the log: {text}" for mark in CANARIES if mark in text]


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect the lines of a block that say too much."""
    canary = Canary()
    logging.getLogger().addHandler(canary)
    try:
        yield canary.found
    finally:
        logging.getLogger().removeHandler(canary)
