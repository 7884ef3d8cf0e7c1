"""Send requests to a server at their moments, from a process of its own, whether or not it keeps up.

    python -m tests.performance.traffic PORT < plan.json

The plan is a list of {"at", "kind", "method", "path", "body", "headers"}, `at` in seconds from the start. It prints
a JSON list of [kind, status, milliseconds, at]: milliseconds count from the moment at which the request was due, so
that a server that stalls is charged for all who wait. Status 0 is a connection that was refused or broke.
"""

import http.client
import json
import queue
import sys
import threading
import time
from typing import Any

type Answer = tuple[str, int, float, float]
SENDERS = 96
PATIENCE = 60


def main(port: int) -> None:
    """Send all of it."""
    plan: list[dict[str, Any]] = json.load(sys.stdin)
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    answers: list[Answer] = []
    began = time.monotonic() + 0.5
    senders = [threading.Thread(target=send, args=(port, waiting, answers, began)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for each in plan:
        time.sleep(max(0.0, began + each["at"] - time.monotonic()))
        waiting.put(each)
    for _ in senders:
        waiting.put(None)
    for sender in senders:
        sender.join()
    print(json.dumps(answers))


def send(port: int, waiting: "queue.SimpleQueue[dict[str, Any] | None]", answers: list[Answer], began: float) -> None:
    """Take what is due next and send it, until nothing comes any more."""
    while one := waiting.get():
        status = answered(port, one)
        took = 1000 * (time.monotonic() - began - one["at"])
        answers.append((one["kind"], status, took, one["at"]))


def answered(port: int, one: dict[str, Any]) -> int:
    """Send one request on a connection of its own, as Stripe and a front do; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(one["method"], one["path"], one.get("body", "").encode(), one["headers"])
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return 0
    else:
        return answer.status
    finally:
        connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
