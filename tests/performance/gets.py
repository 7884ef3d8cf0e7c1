"""Ask a server for one page again and again, from a process of its own.

    python -m tests.performance.gets PORT PATH COUNT CLIENTS < headers.json

It prints the seconds that all answers took, and how many of them were not 200.
"""

import json
import sys

from tests.performance.load import everything

if __name__ == "__main__":
    port, path, count, clients = sys.argv[1:]
    everything(int(port), path, [(b"", json.load(sys.stdin))] * int(count), int(clients), method="GET")
