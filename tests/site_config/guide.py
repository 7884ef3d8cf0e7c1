"""Guides run as they stand: their shell commands out of the Markdown, and what they say is printed."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FENCE: Final = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BETWEEN: Final = "── next ──"
SECONDS: Final = 300


@dataclass(frozen=True)
class Step:
    """One block of commands, and what the block after it says they print; None where none follows."""

    commands: str
    printed: str | None = None

    def agrees(self, output: str) -> bool:
        """Whether this was printed; "…" stands for anything."""
        if self.printed is None:
            return True
        pattern = ".*".join(re.escape(part) for part in self.printed.strip().split("…"))
        return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


def steps(path: Path) -> list[Step]:
    """Return the blocks of a guide in order."""
    found: list[Step] = []
    for kind, text in FENCE.findall(path.read_text(encoding="utf-8")):
        if kind == "sh":
            found.append(Step(text))
        else:
            found[-1] = Step(found[-1].commands, text)
    return found


def run(blocks: list[Step], *, folder: Path, env: dict[str, str]) -> list[str]:
    """Run blocks in one shell, as somebody who types them one after the other; return what each has printed."""
    script = f"\necho '{BETWEEN}'\n".join(each.commands for each in blocks)
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout.split(f"{BETWEEN}\n")
