"""The browser of the browser tests: Debian's Chromium, installed where that is allowed."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """The browser's program, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def find_or_install() -> str | None:
    """The browser's program, installed now if it has to be and may be."""
    found = find()
    if found or not shutil.which("apt-get"):
        return found
    prefix = administrator()
    if prefix is None:
        return None
    print("Installing Chromium with apt …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run([*prefix, *command], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return find()


def administrator() -> list[str] | None:
    """What to put before a command that needs root: nothing, or sudo if it asks no password, else None."""
    if os.geteuid() == 0:
        return []
    asks_nothing = (
        shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    )
    return ["sudo", "-n"] if asks_nothing else None
