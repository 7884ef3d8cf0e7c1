"""The demo's mailbox shows what the product mails, and nothing in a mail can act on the page."""

import http.client
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives

from site_config.demo.mail_backend import EmlFileBackend
from site_config.demo.mailbox import handler_for


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A running mailbox."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(tmp_path))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def get(port: int, path: str, host: str = "127.0.0.1") -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, answer.msg


def send(folder: Path, subject: str = "Booking <Confirmed> – Zoë") -> None:
    mail = EmailMultiAlternatives(
        subject, "Cancel: http://127.0.0.1:8000/b/?a=1&b=2. Bye", "desk@example.com", ["guest@example.com"]
    )
    mail.attach_alternative('<p onclick="x">Hello</p><script>bad()</script>', "text/html")
    mail.attach('stay".ics', "BEGIN:VCALENDAR", "text/calendar")
    EmlFileBackend(folder=str(folder), alias="default").send_messages([mail])


def only_mail(folder: Path) -> str:
    (path,) = folder.iterdir()
    return path.name


def test_list_shows_the_newest_first_and_looks_again(port: int, tmp_path: Path):
    send(tmp_path, "First")
    send(tmp_path, "Second")
    status, html, headers = get(port, "/")
    assert status == 200
    assert html.index("<b>Second</b><span>to guest@example.com</span>") < html.index("<b>First</b>")
    assert '<meta http-equiv="refresh" content="5">' in html
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_empty_list_says_so(port: int):
    assert "No mail yet." in get(port, "/")[1]


def test_mail_is_shown_sandboxed_and_escaped(port: int, tmp_path: Path):
    send(tmp_path)
    html = get(port, f"/mail/{only_mail(tmp_path)}")[1]
    assert "<h1>Booking &lt;Confirmed&gt; – Zoë</h1>" in html
    assert "<script>" not in html
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in html
    assert 'srcdoc="&lt;base target=&quot;_blank&quot;&gt;&lt;p onclick=&quot;x&quot;&gt;Hello' in html
    assert (
        'Cancel: <a href="http://127.0.0.1:8000/b/?a=1&amp;b=2" target="_blank" rel="noreferrer">'
        "http://127.0.0.1:8000/b/?a=1&amp;b=2</a>. Bye"
    ) in html


def test_attachment_is_saved_never_shown(port: int, tmp_path: Path):
    send(tmp_path)
    status, text, headers = get(port, f"/mail/{only_mail(tmp_path)}/0")
    assert (status, text) == (200, "BEGIN:VCALENDAR\r\n")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == 'attachment; filename="stay_.ics"'


@pytest.mark.parametrize("path", ["/mail/../keys.json", "/mail/none.eml", "/mail/none.eml/0", "/keys.json"])
def test_nothing_else_can_be_read(port: int, tmp_path: Path, path: str):
    (tmp_path / "keys.json").write_text("{}")
    assert get(port, path)[0] == 404


def test_other_names_for_this_machine_are_refused(port: int):
    assert get(port, "/", host="attacker.example")[0] == 403
