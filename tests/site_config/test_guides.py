"""The guides do what they say: a fresh copy of the checkout, `./run demo`, and their commands as they stand."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from site_config.devtools.postgresql import free_port
from tests.site_config import guide

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
LEFT_OUT = (".*", "__pycache__", "*.sqlite3*", "staticfiles")
# Only a machine that does much else needs so long.
START_SECONDS = 600
# The guide's own variables come from its commands, and the demo's from the demo.
OWN = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "DEBUG", "SITE_URL", "STRIPE_", "DJANGO_SECRET_KEY", "CACHE_URL")


@dataclass(frozen=True)
class Demo:
    """A running demo: its folder, and the environment of somebody at a terminal beside it."""

    folder: Path
    env: dict[str, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo of a fresh copy, started by the guide's own first command, on a port that is free."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    folder = tmp_path_factory.mktemp("fresh") / "innkeep"
    shutil.copytree(CHECKOUT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (folder / ".venv").symlink_to((CHECKOUT / ".venv").resolve())
    port, env = free_port(), {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    started = guide.steps(DOCS / "quickstart.md")[0].commands.strip()
    log = folder / "demo.log"
    with log.open("wb") as output:
        command = ["bash", "-c", f"exec {started} --port {port}"]
        child = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)
    try:
        wait_until_told(child, log)
        yield Demo(folder, env | {"SITE": f"http://127.0.0.1:{port}"})
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(timeout=30)


def wait_until_told(child: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the demo says that it runs."""
    deadline = time.monotonic() + START_SECONDS
    while "Innkeep is running" not in log.read_text(encoding="utf-8"):
        assert child.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.2)


def test_the_quick_start_does_what_it_says(demo: Demo):
    blocks = guide.steps(DOCS / "quickstart.md")[1:]
    printed = guide.run(blocks, folder=demo.folder, env=demo.env)
    assert [
        (step.printed, output) for step, output in zip(blocks, printed, strict=True) if not step.agrees(output)
    ] == []
    assert sum(step.printed is not None for step in blocks) == 6


def test_the_examples_of_the_api_work_as_they_stand(demo: Demo):
    first, second = guide.steps(DOCS / "api.md")
    taken, cancelled = guide.run([first, second], folder=demo.folder, env=demo.env)
    shown = [json.loads(part) for part in taken.replace("}{", "}\n{").splitlines()]
    assert [next(iter(each)) for each in shown] == ["bookings", "success"]
    assert shown[1]["booking"]["status"] == "PENDING_PAYMENT"
    asked, seen, done = (json.loads(part) for part in cancelled.replace("}{", "}\n{").splitlines())
    assert (asked["success"], seen["booking"]["booking_id"]) == (True, shown[1]["booking"]["booking_id"])
    assert (done["success"], done["message"]) == (True, "Your booking is cancelled.")


@pytest.mark.parametrize(
    ("said", "printed", "agrees"),
    [("a\n", "a\n", True), ("a…c\n", "a b c", True), ("a.c\n", "abc", False), ("a\n", "a\nb\n", False)],
)
def test_what_is_printed_is_compared(said: str, printed: str, agrees: bool):
    assert guide.Step("", said).agrees(printed) is agrees
