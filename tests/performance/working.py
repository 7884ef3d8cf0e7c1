"""A module of this folder as a process of its own: it measures on the database of its environment and prints JSON."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any


def measured(module: str, env: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    """Return what a module of this folder has measured. Raises RuntimeError with its last words."""
    command = [sys.executable, "-m", f"tests.performance.{module}", *arguments]
    # Processes that it starts log as usual; that is shown only when something went wrong.
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-5000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
