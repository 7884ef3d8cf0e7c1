"""The HTTP server: loopback only, HTTP/1.1 with keep-alive, one thread per connection."""

from __future__ import annotations

import logging
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from payments.simulator.api import Api
from payments.simulator.control import Control
from payments.simulator.delivery import Sender
from payments.simulator.errors import StripeRefusal
from payments.simulator.site import Site
from payments.simulator.store import Store
from payments.simulator.sweep import Sweeper
from payments.simulator.wire import Reply, Request, as_json

log = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024
_LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")


class Simulator(ThreadingHTTPServer):
    """The listening socket, the store and the two background threads."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, store: Store, api_key: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.store = store
        store.base_url = f"http://127.0.0.1:{self.server_address[1]}"
        self.api = Api(store, api_key)
        self.control = Control(store)
        self.site = Site(store)
        self._sender = Sender(store)
        self._sweeper = Sweeper(store)

    def start(self) -> None:
        """Start what runs beside the requests."""
        self._sender.start()
        self._sweeper.start()

    def stop(self) -> None:
        """End everything and close the file."""
        self._sweeper.stop()
        self._sender.stop()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away while being answered is no defect; everything else is shown."""
        if isinstance(sys.exception(), OSError):
            log.debug("the caller closed the connection")
        else:
            super().handle_error(request, client_address)

    def route(self, request: Request) -> Reply:
        """Three things share the port: the API, the control API and the pages for people."""
        if request.path.startswith("/v1/"):
            return self.api.answer(request)
        if request.path.startswith("/_sim/"):
            return self.control.answer(request)
        return self.site.answer(request)


class Handler(BaseHTTPRequestHandler):
    """Reads one request, writes one reply in one piece."""

    server: Simulator
    protocol_version = "HTTP/1.1"
    server_version = "StripeSimulator"
    sys_version = ""
    # Two small writes and Nagle's algorithm would cost 40 ms per answer.
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer a HEAD."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer()

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._answer()

    def log_message(self, *args: object) -> None:
        """Quiet: the request log is in the store."""

    def _answer(self) -> None:
        request = self._read()
        if request is None:
            return
        try:
            reply = self.server.route(request) if self._is_local() else _foreign()
        except Exception:
            # A defect of the simulator: answer as a server does, and show the traceback on its terminal.
            log.exception("%s %s", self.command, self.path)
            reply = as_json({"error": {"type": "api_error", "message": "The simulator failed."}}, 500)
        self._send(reply)

    def _read(self) -> Request | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(as_json({"error": {"type": "invalid_request_error", "message": "Invalid body."}}, 400))
            return None
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, unquote(parts.path), parts.query, headers, self.rfile.read(int(length)))

    def _is_local(self) -> bool:
        """A page elsewhere must not reach the simulator through a name that resolves to loopback."""
        host = urlsplit(f"//{self.headers.get('Host', '127.0.0.1')}").hostname
        origin = self.headers.get("Origin")
        return host in _LOCAL_NAMES and (origin is None or urlsplit(origin).hostname in _LOCAL_NAMES)

    def _send(self, reply: Reply) -> None:
        if reply.drop:
            self._hang_up()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The caller was quicker: already closed is what was wanted.
            log.debug("connection was closed by the caller")


def _foreign() -> Reply:
    refusal = StripeRefusal("The simulator answers only on this machine.", status=403)
    return as_json(refusal.body("none"), 403)
