"""`./run packages [--write]`: known weaknesses of the pinned packages, by pip-audit in a place of its own.

pip-audit says "no known vulnerabilities" of packages that it could not look up, too. Here only what was looked up
counts, and where a single package was not, the command fails: nothing is green that nobody has seen.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from site_config.devtools import proof, proof_page
from site_config.devtools.proof import Row

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PLACE: Final = CHECKOUT / ".packages"
PYTHON: Final = PLACE / "bin" / "python"
STAMP: Final = PLACE / "installed"
REQUIREMENTS: Final = CHECKOUT / "requirements-audit.txt"
# What runs in production.
PINNED: Final = ("requirements.txt", "requirements-ssm.txt")


@dataclass(frozen=True)
class Audited:
    """How many packages were looked up, which were not, and what is known against them."""

    seen: int
    unseen: list[str]
    known: list[str]

    def lines(self) -> list[str]:
        """Return what to say."""
        told = [f"{self.seen} packages looked up, {len(self.known)} known weaknesses."]
        if self.unseen:
            some = ", ".join(self.unseen[:5]) + (" …" if len(self.unseen) > 5 else "")
            told.append(f"NOT looked up: {len(self.unseen)} ({some}). Is the package index reached through a mirror?")
        if not self.seen:
            told.append("Nothing was audited. This is no pass: run it where pypi.org itself answers.")
        return [*told, *self.known]

    @property
    def is_clean(self) -> bool:
        """Whether all were looked up, and nothing is known."""
        return bool(self.seen) and not self.unseen and not self.known


def main(arguments: list[str]) -> int:
    """Look everything up; 0 when all of it was, and nothing is known against it."""
    try:
        install()
        found = judged(map(audit, PINNED))
    except (subprocess.CalledProcessError, ValueError) as error:
        print(f"Nothing was audited: {str(getattr(error, 'stderr', '') or error).strip()[-300:]}")
        return 1
    print("\n".join(found.lines()))
    if proof.OPTION in arguments and found.seen and not found.unseen:
        note = f"of {found.seen} packages"
        row = Row(goal="packages", what="known weaknesses", ours=len(found.known), at_most=0, note=note, digits=0)
        proof.write("packages", [row], proof.stamp("packages", database="no database"))
        proof_page.write()
    return 0 if found.is_clean else 1


def audit(name: str) -> Mapping[str, Any]:
    """Return what pip-audit says of a file. Raises CalledProcessError where it says nothing."""
    options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    done = subprocess.run(
        [PYTHON, "-m", "pip_audit", *options, "-r", CHECKOUT / name], capture_output=True, text=True, check=False
    )
    # 1 is said where something is known; what it is stands in the answer.
    if done.returncode not in (0, 1) or not done.stdout:
        raise subprocess.CalledProcessError(done.returncode, "pip-audit", stderr=done.stderr)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def judged(answers: Iterable[Mapping[str, Any]]) -> Audited:
    """Return what some answers come to; a package that is pinned twice counts once."""
    packages = {each["name"]: each for answer in answers for each in answer["dependencies"]}
    unseen = [name for name, each in packages.items() if "skip_reason" in each]
    known = [
        f"{name} {each['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version yet'}"
        for name, each in packages.items()
        for fault in each.get("vulns", ())
    ]
    return Audited(len(packages) - len(unseen), unseen, known)


def install() -> None:
    """Make the place, once for each state of its requirements."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Installing pip-audit beside the rest (once) …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", PLACE], check=True)
    quiet = ["--disable-pip-version-check", "--no-input", "-qq", "--require-hashes"]
    subprocess.run([PYTHON, "-m", "pip", "install", *quiet, "-r", REQUIREMENTS], check=True)
    STAMP.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
