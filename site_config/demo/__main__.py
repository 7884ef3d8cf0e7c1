"""Start the demo, say where it is, and stop all of it on Ctrl-C.

./run demo [--port 8000] [--fresh]
"""

import argparse
import fcntl
import http.client
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from site_config import processes
from site_config.demo import preparation
from site_config.demo.accounts import ACCOUNTS, PASSWORD
from site_config.demo.logs import LogWatch, last_lines
from site_config.demo.surroundings import (
    CHECKOUT,
    WEBHOOK,
    Refused,
    Surroundings,
    choose_ports,
    load_keys,
    say,
    stripe_test_mode,
)

FOLDER = CHECKOUT / ".demo"
START_SECONDS = 60
LOOK_SECONDS = 0.25


def main() -> int:
    """0 after Ctrl-C, 1 when the demo could not start or one of its processes died."""
    arguments = parse_arguments()
    try:
        with processes.interruptible(), only_one(FOLDER):
            if arguments.fresh:
                forget(FOLDER)
            run(settle(FOLDER, arguments.port))
    except processes.Interrupted:
        say("Stopped.")
    except Refused as problem:
        say(str(problem))
        return 1
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="./run demo", description="The whole product on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="of the site (default: 8000)")
    parser.add_argument("--fresh", action="store_true", help="forget all bookings and start over")
    return parser.parse_args()


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two demos on one database would move each other's clock."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused("The demo of this checkout is running already, in another terminal.") from None
        yield


def forget(folder: Path) -> None:
    """Remove all but the lock, which is held."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def settle(folder: Path, port: int) -> Surroundings:
    """Choose ports and keys, and make the folders."""
    demo = Surroundings(
        folder=folder,
        ports=choose_ports(port),
        keys=load_keys(folder),
        test_mode=stripe_test_mode(CHECKOUT / ".env"),
    )
    for path in (demo.mails, demo.log("web").parent):
        path.mkdir(exist_ok=True)
    return demo


def run(demo: Surroundings) -> None:
    """Start everything and watch it until somebody ends it, or one of the processes ends by itself."""
    children: dict[str, processes.Child] = {}
    preparation.forget_half_made(demo)
    try:
        if not demo.test_mode:
            children["simulator"] = start(demo, "simulator", *simulator(demo))
            wait_until(demo, children, "simulator", lambda: answers(demo.ports.simulator))
        preparation.prepare(demo)
        children["mailbox"] = start(
            demo, "mailbox", "site_config.demo.mailbox", str(demo.mails), str(demo.ports.mailbox)
        )
        children["worker"] = start(demo, "worker", "django", "worker")
        children["web"] = start(demo, "web", *web(demo))
        wait_until(demo, children, "web", lambda: answers(demo.ports.web))
        wait_until(demo, children, "mailbox", lambda: answers(demo.ports.mailbox))
        say(welcome(demo))
        watch(demo, children)
    finally:
        # The simulator last: a payment under way still gets its answer.
        processes.stop(*(child for name, child in children.items() if name != "simulator"))
        processes.stop(*(child for name, child in children.items() if name == "simulator"))


def start(demo: Surroundings, name: str, module: str, *arguments: str) -> processes.Child:
    """Start one of the demo's processes."""
    command = [sys.executable, "-m", module, *arguments]
    return processes.start(command, log=demo.log(name), env=demo.environment())


def simulator(demo: Surroundings) -> list[str]:
    """The local Stripe; it delivers its webhooks to the demo's site."""
    return [
        "payments.simulator",
        *("--port", str(demo.ports.simulator)),
        *("--state", str(demo.simulator_state)),
        *("--api-key", demo.keys["stripe"]),
        *("--webhook", demo.site_url + WEBHOOK),
        *("--webhook-secret", demo.keys["webhook"]),
    ]


def web(demo: Surroundings) -> list[str]:
    """The web server, as in production: two processes."""
    listen = ("--bind", f"127.0.0.1:{demo.ports.web}")
    return ["gunicorn", "site_config.wsgi", "--workers", "2", "--preload", "--log-level", "warning", *listen]


def wait_until(
    demo: Surroundings, children: dict[str, processes.Child], name: str, ready: Callable[[], bool]
) -> None:
    """Wait for a process to answer; stop waiting when any of them has died."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        report_dead(demo, children)
        if time.monotonic() > deadline:
            raise Refused(f"{last_lines(demo.log(name))}\nThe {name} did not answer within {START_SECONDS} s.")
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Whether a server there answers at all; whatever it says, it is up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def watch(demo: Surroundings, children: dict[str, processes.Child]) -> None:
    """Look at the processes and their logs until something happens."""
    logs = LogWatch(*(demo.log(name) for name in children))
    while True:
        report_dead(demo, children)
        for problem in logs.problems():
            say(problem)
        time.sleep(LOOK_SECONDS)


def report_dead(demo: Surroundings, children: dict[str, processes.Child]) -> None:
    """One process less is no demo: say which, and why."""
    for name, child in children.items():
        if child.poll() is not None:
            raise Refused(
                f"{last_lines(demo.log(name))}\nThe {name} ended by itself (exit {child.returncode}); "
                f"all it printed is in {demo.log(name)}. Everything is stopped."
            )


def welcome(demo: Surroundings) -> str:
    """Where everything is, in a box."""
    stripe = "Stripe test mode, with the keys from .env" if demo.test_mode else demo.simulator_url + "/"
    lines = [
        "Innkeep is running, with test data only",
        "",
        f"Hotel staff    {demo.site_url}/admin/",
        f"Guests         {demo.site_url}/booking/",
        f"Mail sent      {demo.mailbox_url}/",
        f"Stripe         {stripe}",
        "",
        f"Sign in as     with the password {PASSWORD}",
        *(f"  {account.username:<13}{account.role}" for account in ACCOUNTS),
        "",
        "Ctrl-C stops everything.  ./run demo --fresh starts over.",
    ]
    width = max(map(len, lines))
    edge = "─" * (width + 2)
    return "\n".join([f"┌{edge}┐", *(f"│ {line:<{width}} │" for line in lines), f"└{edge}┘"])


if __name__ == "__main__":
    sys.exit(main())
