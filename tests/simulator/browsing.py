"""A browser without JavaScript, which follows no redirect by itself."""

from __future__ import annotations

import http.client
from urllib.parse import urlencode, urlsplit

from tests.simulator.world import Simulator


class Answer:
    """Status, text and target of a redirect."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.text = answer.read().decode()
        self.location = answer.headers.get("Location")
        self.headers = answer.headers


def browse(simulator: Simulator, method: str, path: str, **form: str) -> Answer:
    """One request; redirects are not followed."""
    connection = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=5)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, path, urlencode(form) if form else None, headers)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer
