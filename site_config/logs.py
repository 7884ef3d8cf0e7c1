"""How a log line looks: one JSON object on stderr, whoever wrote it, in the name of whoever acts.

The product logs with structlog, Django and the libraries with the standard library; both end in one formatter.
It takes the request id and the actor from `bookings.actor`, so that no call has to pass them. Tracebacks become
types and places: what an exception says may quote a guest's address.
"""

import contextlib
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import structlog
from structlog.types import EventDict, WrappedLogger

from bookings.actor import current_actor
from site_config.redaction import redact, redacted

CHECKOUT: Final = Path(__file__).resolve().parents[1]
DEEPEST: Final = 40  # frames of one exception
LONGEST_CHAIN: Final = 5  # exceptions that led to one another
# What every line says; a caller cannot say it in its place.
HEAD: Final = ("timestamp", "level", "event", "logger", "request_id", "actor", "user_id")


def configure() -> None:
    """Let structlog's loggers write through the standard library's, where the formatter does all the rest."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, handed_over],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def handed_over(_: WrappedLogger, __: str, event: EventDict) -> tuple[tuple[EventDict], dict[str, Any]]:
    """Give the standard library's logger the event as it is, in place of a message."""
    return (event,), {}


def formatter(log_format: str) -> logging.Formatter:
    """Return the formatter of every line: `json` for machines, `console` for a person at a terminal."""
    return Lines(json.dumps if log_format == "json" else Console())


class Lines(logging.Formatter):
    """Writes every record in the same form, structlog's and the standard library's.

    structlog has a formatter for both, which copies each record and costs half as much again; Stripe's deliveries
    come by the hundred. `render` turns a line into text: in JSON it is ASCII and one line, whatever a value holds.
    """

    def __init__(self, render: Callable[[dict[str, Any]], str]) -> None:
        super().__init__()
        self.render = render

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        said: Any = record.msg
        return self.render(complete(record, dict(said) if isinstance(said, dict) else foreign(record)))


class Stderr(logging.StreamHandler[Any]):
    """Writes to stderr. A line that cannot be written is told without the values that it was made of."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's own name)
        """Say that a line was lost, and where; the standard library would print all its arguments."""
        error = sys.exc_info()[1]
        line = {"level": "error", "event": "log.failed", "logger": record.name, "error": type(error).__name__}
        with contextlib.suppress(Exception):
            self.stream.write(json.dumps(line) + self.terminator)
            self.flush()


def foreign(record: logging.LogRecord) -> dict[str, Any]:
    """Return the event in a record of the standard library's.

    What Django says of a request gets a stable name: its own words hold the path, and a path may hold a link.
    """
    request = getattr(record, "request", None)
    if request is None:
        return {"event": record.getMessage(), "exc_info": record.exc_info}
    return {
        "event": "http.error" if record.levelno >= logging.ERROR else "http.refused",
        "method": getattr(request, "method", None),
        "route": route_of(request),
        "status": getattr(record, "status_code", None),
        "kind": record.name.rpartition(".")[2],
        "exc_info": record.exc_info,
    }


def route_of(request: Any) -> str | None:
    """Return the pattern of the address that was asked for; None where no page has such an address."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else None


def complete(record: logging.LogRecord, event: dict[str, Any]) -> dict[str, Any]:
    """Say of any event when, where, within which request and for whom it was written; redact the rest."""
    error, said, actor = event.pop("exc_info", None), event.pop("event", ""), current_actor()
    line = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "level": record.levelname.lower(),
        "event": redact(str(said)),
        "logger": record.name,
        "request_id": actor.request_id,
        "actor": str(actor.kind),
        "user_id": actor.user_id,
    }
    line |= redacted({key: value for key, value in event.items() if key not in HEAD})
    return {**line, "exception": list(told(error))} if error else line


def told(error: Any) -> Iterator[dict[str, Any]]:
    """Yield an exception and those that led to it, as types and places: no messages, no values of variables."""
    found = error[1] if isinstance(error, tuple) else error
    if not isinstance(found, BaseException):
        found = sys.exc_info()[1]
    for _ in range(LONGEST_CHAIN):
        if found is None:
            return
        yield {"type": f"{type(found).__module__}.{type(found).__qualname__}", "frames": frames(found.__traceback__)}
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def frames(stack: TracebackType | None) -> list[str]:
    """Return the places that an exception passed, the innermost last."""
    places = [(frame.f_code, line) for frame, line in traceback.walk_tb(stack)]
    return [f"{short(code.co_filename)}:{line} {code.co_name}" for code, line in places[-DEEPEST:]]


def short(filename: str) -> str:
    """Return a file's name without the folders that only this machine has."""
    _, installed, inside = filename.rpartition("site-packages/")
    return inside if installed else filename.removeprefix(f"{CHECKOUT}/")


class Console:
    """Writes a line for a person: the time, the level, the event, its fields; who acts only where somebody does."""

    def __init__(self) -> None:
        self.render = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False, pad_event_to=24)

    def __call__(self, line: dict[str, Any]) -> str:
        """Write one line, and below it the places of a traceback."""
        shown = {key: value for key, value in line.items() if value not in (None, "")}
        shown["timestamp"] = line["timestamp"][11:19]
        if errors := line.get("exception"):
            shown["exception"] = "\n".join(self.indented(error) for error in errors)
        return str(self.render(None, "", shown))

    def indented(self, error: dict[str, Any]) -> str:
        """Write one exception."""
        return "\n    ".join([f"  {error['type']}", *error["frames"]])
