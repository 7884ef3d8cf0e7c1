"""`./run bench`: the table of speeds, measured on PostgreSQL."""

import os
import sys

from site_config import processes
from site_config.devtools import postgresql


def main(arguments: list[str]) -> int:
    """Run `tests/performance` beside a server of its own and return its exit code."""
    try:
        with processes.interruptible(), postgresql.server() as url:
            command = [sys.executable, "-m", "tests.performance", *arguments]
            return processes.attend(command, env=os.environ | {"DATABASE_URL": url})
    except postgresql.Unavailable as problem:
        print(f"PostgreSQL: {problem}")
    except processes.Interrupted:
        print("Interrupted.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
