"""The processes write to files; the terminal shows only what went wrong."""

import re
from pathlib import Path

# Innkeep's own lines have the level in brackets; the simulator and Python itself write in their own ways.
PROBLEM = re.compile(r"\[(error|critical)\s*\]|\b(ERROR|CRITICAL)\b|^\w*(Error|Exception)\b.*:")


class LogWatch:
    """Follows the log files from where they end now."""

    def __init__(self, *paths: Path) -> None:
        self.read_to = {path: path.stat().st_size if path.exists() else 0 for path in paths}

    def problems(self) -> list[str]:
        """Lines that tell of a problem and were not reported yet."""
        return [
            f"{path.stem}: {line}" for path in self.read_to for line in self.new_lines(path) if PROBLEM.search(line)
        ]

    def new_lines(self, path: Path) -> list[str]:
        """Whole lines since the last look; a line still being written waits for the next."""
        if not path.exists():
            return []
        with path.open("rb") as log:
            log.seek(self.read_to[path])
            whole, _newline, _rest = log.read().rpartition(b"\n")
        self.read_to[path] += len(whole) + (1 if whole else 0)
        return whole.decode(errors="replace").splitlines()


def last_lines(path: Path, count: int = 12) -> str:
    """The end of a log, for a process that has died."""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
