"""A server that speaks Pusher's HTTP protocol, strictly: it refuses what the real one would refuse.

`python -m tests.pusher_server` prints its address; what is checked is said at
pusher.com/docs/channels/library_auth_reference/rest-api. Below `/_sim/` tests look and make trouble.
"""

import hashlib
import hmac
import json
import os
import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from site_config import processes

APP_ID, KEY, SECRET = "4711", "a1b2c3d4e5", "f6e5d4c3b2a1"
STARTED = re.compile(r"Pusher server on (http://127\.0\.0\.1:(\d+))")
CHANNEL = re.compile(r"[-a-zA-Z0-9_=@,.;]{1,200}")
CLOCK_SECONDS, LARGEST_BATCH, LARGEST_DATA, LONGEST_NAME = 600, 10, 10_240, 200


class Wrong(Exception):
    """What the server answers instead of taking an event: status and words."""


def check_signature(path: str, query: dict[str, str], body: bytes) -> None:
    """Refuse a call that nobody with the secret can have made just now."""
    given = query.pop("auth_signature", "")
    if query.get("auth_key") != KEY or query.get("auth_version") != "1.0":
        raise Wrong(401, "unknown auth_key or auth_version")
    if abs(time.time() - int(query.get("auth_timestamp", "0"))) > CLOCK_SECONDS:
        raise Wrong(401, "Timestamp expired")
    if query.get("body_md5") != hashlib.md5(body).hexdigest():  # noqa: S324  (the protocol's own)
        raise Wrong(401, "Invalid body MD5")
    said = "\n".join(("POST", path, "&".join(f"{name.lower()}={query[name]}" for name in sorted(query))))
    if not hmac.compare_digest(given, hmac.new(SECRET.encode(), said.encode(), hashlib.sha256).hexdigest()):
        raise Wrong(401, "Invalid signature")


def events_in(body: bytes) -> list[dict[str, Any]]:
    """Return the events of a batch, each checked."""
    batch = json.loads(body).get("batch")
    if not isinstance(batch, list) or not 0 < len(batch) <= LARGEST_BATCH:
        raise Wrong(400, f"a batch has 1 to {LARGEST_BATCH} events")
    for event in batch:
        if not CHANNEL.fullmatch(event["channel"]) or not 0 < len(event["name"]) <= LONGEST_NAME:
            raise Wrong(400, "no such channel or event name")
        if not isinstance(event["data"], str):
            raise Wrong(400, "data is a string")
        if len(event["data"].encode()) > LARGEST_DATA:
            raise Wrong(413, "data is too large")
    return batch


@dataclass
class State:
    """What the server has been told, and what trouble it makes."""

    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    trouble: dict[str, Any] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """One call."""

    state = State()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Tell what was taken and what was refused."""
        self.answer(200, {"batches": self.state.batches, "refused": self.state.refused})

    def do_POST(self) -> None:
        """Take events, or orders of a test."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/_sim/trouble":
            Handler.state = State(trouble=json.loads(body))
            return self.answer(200, {})
        try:
            time.sleep(self.state.trouble.get("seconds", 0))
            if status := self.state.trouble.get("status"):
                raise Wrong(status, "trouble")
            self.take(body)
        except Wrong as wrong:
            status, words = wrong.args
            self.state.refused.append(words)
            return self.answer(status, words)
        return self.answer(200, {})

    def take(self, body: bytes) -> None:
        """Keep a batch that is right."""
        parts = urlsplit(self.path)
        if parts.path != f"/apps/{APP_ID}/batch_events" or self.headers["Content-Type"] != "application/json":
            raise Wrong(404, "no such address")
        check_signature(parts.path, dict(parse_qsl(parts.query)), body)
        self.state.batches.append(events_in(body))

    def answer(self, status: int, said: Any) -> None:
        """Answer in JSON."""
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class PusherServer:
    """A running server, as tests see it."""

    def __init__(self, url: str, port: int) -> None:
        self.url, self.port = url, port

    @property
    def configuration(self) -> dict[str, Any]:
        """What the product's settings say of it."""
        place = {"host": "127.0.0.1", "port": self.port, "ssl": False}
        return {"app_id": APP_ID, "key": KEY, "secret": SECRET, **place}

    def trouble(self, **kinds: Any) -> None:
        """Forget everything; from now on answer with a `status`, or after some `seconds`."""
        request = urllib.request.Request(f"{self.url}/_sim/trouble", json.dumps(kinds).encode(), method="POST")
        urllib.request.urlopen(request, timeout=5).close()

    def look(self) -> dict[str, Any]:
        """Return the batches that were taken and why others were not."""
        with urllib.request.urlopen(f"{self.url}/_sim/", timeout=5) as answer:
            return json.load(answer)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Return each event that was taken: its channel and what it says."""
        batches = self.look()["batches"]
        return [(event["channel"], json.loads(event["data"])) for batch in batches for event in batch]


@contextmanager
def running(folder: Path) -> Iterator[PusherServer]:
    """Start the server on a free port, and stop it afterwards."""
    log = folder / "pusher.log"
    command = [sys.executable, "-m", "tests.pusher_server"]
    child = processes.start(command, log=log, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        deadline = time.monotonic() + 20
        while not (found := STARTED.search(log.read_text())):
            assert child.poll() is None and time.monotonic() < deadline, log.read_text()  # noqa: PT018
            time.sleep(0.02)
        yield PusherServer(found[1], int(found[2]))
    finally:
        processes.stop(child)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"Pusher server on http://127.0.0.1:{server.server_port}\n")
    server.serve_forever()
