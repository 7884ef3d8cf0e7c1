"""The demo's mailbox: a page on loopback that shows the mails of a folder.

    python -m site_config.demo.mailbox FOLDER PORT

It shows links with which a guest manages a booking, so it answers only to this machine's own names.
"""

import re
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import cast

from site_config.demo import mailbox_pages as pages

MESSAGE = re.compile(r"/mail/([\w-]+\.eml)", re.ASCII)
ATTACHMENT = re.compile(r"/mail/([\w-]+\.eml)/(\d{1,3})", re.ASCII)
LINK = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'none'; "
    "base-uri http:; frame-ancestors 'none'"
)


def main(folder: str, port: str) -> None:
    """Serve until told to stop."""
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), handler_for(Path(folder)))
    server.daemon_threads = True
    server.serve_forever()


def handler_for(folder: Path) -> type[BaseHTTPRequestHandler]:
    """The request handler of one folder."""
    return type("Handler", (MailboxHandler,), {"folder": folder})


class MailboxHandler(BaseHTTPRequestHandler):
    """Answers GET for the list, a message and an attachment."""

    folder: Path

    def do_GET(self) -> None:
        """Find the page that belongs to the path."""
        if self.headers.get("Host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            self.answer(HTTPStatus.FORBIDDEN, "This page answers only on this machine.")
        elif self.path == "/":
            self.answer(HTTPStatus.OK, list_page(self.folder))
        elif found := MESSAGE.fullmatch(self.path):
            self.show(found[1])
        elif found := ATTACHMENT.fullmatch(self.path):
            self.download(found[1], int(found[2]))
        else:
            self.answer(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def show(self, name: str) -> None:
        """One message, or 404."""
        message = read(self.folder / name)
        if message is None:
            self.answer(HTTPStatus.NOT_FOUND, "This mail is gone.")
        else:
            self.answer(HTTPStatus.OK, message_page(name, message))

    def download(self, name: str, number: int) -> None:
        """An attachment, always as a file to save: a browser must not run it as a page."""
        message = read(self.folder / name)
        parts = list(message.iter_attachments()) if message else []
        if number >= len(parts):
            self.answer(HTTPStatus.NOT_FOUND, "There is no such attachment.")
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("X-Content-Type-Options", "nosniff")
        file_name = re.sub(r"[^\w.-]", "_", parts[number].get_filename() or "attachment", flags=re.ASCII)
        self.send_header("Content-Disposition", f'attachment; filename="{file_name}"')
        self.end_headers()
        self.wfile.write(cast(bytes, parts[number].get_payload(decode=True)) or b"")

    def answer(self, status: HTTPStatus, html: str) -> None:
        """Send a page that may load nothing from elsewhere."""
        body = html.encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
        """Say nothing: the list asks every five seconds."""


def list_page(folder: Path) -> str:
    """All mails, newest first."""
    rows = "".join(row(name, message) for name, message in newest_first(folder))
    return pages.LIST.substitute(style=pages.STYLE, rows=rows or pages.EMPTY)


def row(name: str, message: EmailMessage) -> str:
    """One line of the list."""
    return pages.ROW.substitute(name=name, **headers(message))


def message_page(name: str, message: EmailMessage) -> str:
    """One mail: as the guest sees it, its text form, its attachments."""
    html, plain = content(message, "html"), content(message, "plain")
    return pages.MESSAGE.substitute(
        style=pages.STYLE,
        html=pages.HTML_PART.substitute(document=escape(pages.NEW_TAB + html)) if html else "",
        plain=pages.TEXT_PART.substitute(text=with_links(plain), open="" if html else "open") if plain else "",
        attachments="".join(
            Template('<a class="file" href="/mail/$name/$number">$label</a>').substitute(
                name=name, number=number, label=escape(part.get_filename() or "attachment")
            )
            for number, part in enumerate(message.iter_attachments())
        ),
        **headers(message),
    )


def headers(message: EmailMessage) -> dict[str, str]:
    """What the list and the page show of the head, escaped."""
    date = message["Date"]
    when = date.datetime.astimezone().strftime("%d %b, %H:%M:%S") if date and date.datetime else ""
    shown = {"subject": message["Subject"], "to": message["To"], "sender": message["From"], "when": when}
    return {key: escape(str(value or "")) for key, value in shown.items()}


def content(message: EmailMessage, kind: str) -> str:
    """The body of this kind, or an empty string."""
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def with_links(text: str) -> str:
    """Escaped text in which addresses can be followed."""
    pieces = LINK.split(text)
    return "".join(
        f'<a href="{escape(piece)}" target="_blank" rel="noreferrer">{escape(piece)}</a>' if odd else escape(piece)
        for odd, piece in zip([False, True] * len(pieces), pieces, strict=False)
    )


def newest_first(folder: Path) -> Iterator[tuple[str, EmailMessage]]:
    """File names begin with the time."""
    for path in sorted(folder.glob("*.eml"), reverse=True):
        message = read(path)
        if message is not None:
            yield path.name, message


def read(path: Path) -> EmailMessage | None:
    """A stored mail, or None when it is gone."""
    try:
        return message_from_bytes(path.read_bytes(), policy=modern)
    except OSError:
        return None


if __name__ == "__main__":
    main(*sys.argv[1:])
