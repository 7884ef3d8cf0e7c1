"""Ask a server for one page again and again, from a process of its own.

    python -m tests.performance.gets PORT PATH COUNT CLIENTS < headers.json

It prints the seconds that all answers took, and how many of them were not 200.
"""

import http.client
import json
import sys
import threading
import time


def main(port: int, path: str, count: int, clients: int) -> None:
    """Ask, from so many clients at once."""
    headers: dict[str, str] = json.load(sys.stdin)
    refused: list[int] = []
    threads = [
        threading.Thread(target=ask, args=(port, path, headers, count // clients, refused)) for _ in range(clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": time.perf_counter() - started, "refused": len(refused)}))


def ask(port: int, path: str, headers: dict[str, str], count: int, refused: list[int]) -> None:
    """One client: a connection for each request, as a front makes them."""
    for _ in range(count):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            refused.append(answer.status)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
