"""A mail provider on this machine: it takes mails as Postmark does, and tells what became of them as two of them do.

The payloads are those of the providers' own documentation: postmarkapp.com/developer/webhooks/webhooks-overview and
documentation.mailgun.com/docs/mailgun/user-manual/webhooks.
"""

import hashlib
import hmac
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.test import Client

SECRET, SIGNING_KEY = "postmark:a-secret-of-many-letters", "key-0123456789"


@dataclass
class Postmark:
    """What Postmark was given to send."""

    url: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    refuses: bool = False

    def answer(self, mail: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take a mail, or refuse its address as Postmark does for one on its suppression list."""
        if self.refuses:
            told = "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: "
            return 422, {"ErrorCode": 406, "Message": f"{told}{mail['To']}. Inactive recipients are ones that …"}
        self.sent.append(mail)
        message_id = f"883953f4-6105-42a2-a16a-{len(self.sent):012d}"
        return 200, {"To": mail["To"], "MessageID": message_id, "ErrorCode": 0, "Message": "OK"}


@contextmanager
def postmark() -> Iterator[Postmark]:
    """Serve Postmark's address for sending."""
    provider = Postmark()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = provider.answer(mail)
            answer = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def delivery(message_id: str, **metadata: str) -> dict[str, Any]:
    """Postmark's news that a server took the mail."""
    return {
        "RecordType": "Delivery",
        "ServerID": 23,
        "MessageStream": "outbound",
        "MessageID": message_id,
        "Recipient": "ada@guest.example",
        "Tag": "",
        "DeliveredAt": "2026-03-03T14:05:06Z",
        "Details": "Test delivery webhook details",
        "Metadata": metadata,
    }


def bounce(message_id: str, *, kind: str = "HardBounce", record: str = "Bounce", **metadata: str) -> dict[str, Any]:
    """Postmark's news that a server refused the mail, or that somebody marked it as spam."""
    return {
        "RecordType": record,
        "ID": 42,
        "Type": kind,
        "TypeCode": 1,
        "Name": "Hard bounce",
        "Tag": "",
        "MessageID": message_id,
        "Metadata": metadata,
        "ServerID": 1234,
        "MessageStream": "outbound",
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": "smtp;550 5.1.1 The account of ada@guest.example does not exist.",
        "Email": "ada@guest.example",
        "From": "desk@example.com",
        "BouncedAt": "2026-03-03T15:05:06Z",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Booking Confirmed",
    }


def mailgun(event: str, message_id: str, *, key: str = SIGNING_KEY, **variables: str) -> dict[str, Any]:
    """Mailgun's news, signed."""
    token, timestamp = "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0", "1521472262"
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    told: dict[str, Any] = {
        "event": event,
        "id": "CPgfbmQMTCKtHW6uIWtuVe",
        "timestamp": 1521472262.908181,
        "recipient": "ada@guest.example",
        "recipient-domain": "guest.example",
        "log-level": "info",
        "tags": [],
        "user-variables": variables,
        "message": {"headers": {"message-id": message_id, "to": "ada@guest.example"}, "attachments": [], "size": 111},
        "delivery-status": {"code": 250, "message": "OK", "description": "", "attempt-no": 1},
        "flags": {"is-test-mode": False},
    }
    if event == "failed":
        refused = {"code": 550, "message": "5.1.1 no such user", "description": "No such user", "attempt-no": 1}
        told |= {"severity": "permanent", "reason": "bounce", "delivery-status": refused}
    return {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": told}


def post(provider: str, body: Any, *, secret: str = SECRET, site: str = "") -> int:
    """Post news as the provider does, to a site's real address or to the product at once; the answer's status."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    path = f"/webhooks/mail/{provider}/"
    if not site:
        client = Client(enforce_csrf_checks=True)
        return client.post(path, data, content_type="application/json", headers=headers).status_code
    try:
        request = Request(site + path, data, {"Content-Type": "application/json", **headers})
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code
