"""What the demo's processes are given: a folder, ports, keys, and an environment like production's."""

import json
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from site_config import env

CHECKOUT = Path(__file__).resolve().parents[2]
WEBHOOK = "/api/public/hotel/room-bookings/stripe-webhook/"
OWN_PREFIXES = ("ANYMAIL_", "DJANGO_", "FRONTEND_PAYMENT_", "PUSHER_", "STRIPE_")
PORTS_TRIED = 100


class Refused(Exception):
    """The demo cannot start, and the message tells a person why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where each process listens, all on 127.0.0.1."""

    web: int
    simulator: int
    mailbox: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Everything that is settled before the first process starts."""

    folder: Path
    ports: Ports
    keys: dict[str, str]
    test_mode: dict[str, str]

    @property
    def site_url(self) -> str:
        """The demo's own address."""
        return f"http://127.0.0.1:{self.ports.web}"

    @property
    def simulator_url(self) -> str:
        """The simulated Stripe."""
        return f"http://127.0.0.1:{self.ports.simulator}"

    @property
    def mailbox_url(self) -> str:
        """The page that shows the mails."""
        return f"http://127.0.0.1:{self.ports.mailbox}"

    @property
    def database(self) -> Path:
        """Simulated payments and those in Stripe's test mode never share a database."""
        return self.folder / ("stripe-test-mode.sqlite3" if self.test_mode else "demo.sqlite3")

    @property
    def simulator_state(self) -> Path:
        """What the simulated Stripe remembers."""
        return self.folder / "simulator.sqlite3"

    @property
    def mails(self) -> Path:
        """One file per mail."""
        return self.folder / "mails"

    def log(self, name: str) -> Path:
        """What a process prints."""
        return self.folder / "logs" / f"{name}.log"

    def environment(self) -> dict[str, str]:
        """The variables of every process: production's settings, reached over loopback."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIXES)}
        return inherited | self.settings() | (self.test_mode or self.simulated_stripe())

    def settings(self) -> dict[str, str]:
        """What does not depend on Stripe."""
        return {
            "PYTHONUNBUFFERED": "1",
            "ENV_FILE": "",
            "DJANGO_SETTINGS_MODULE": "site_config.settings",
            "DJANGO_SECRET_KEY": self.keys["django"],
            "DEBUG": "0",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SITE_URL": self.site_url,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "CACHE_URL": f"filecache://{self.folder / 'cache'}",
            "EMAIL_URL": f"filemail://{self.mails}",
            "DEFAULT_FROM_EMAIL": "Innkeep demo <desk@innkeep.example>",
            "LOG_FORMAT": "console",
        }

    def simulated_stripe(self) -> dict[str, str]:
        """Keys that only the simulator knows."""
        return {
            "STRIPE_API_BASE": self.simulator_url,
            "STRIPE_PUBLISHABLE_KEY": "pk_test_demo",
            "STRIPE_SECRET_KEY": self.keys["stripe"],
            "STRIPE_WEBHOOK_SECRET": self.keys["webhook"],
        }


def load_keys(folder: Path) -> dict[str, str]:
    """The demo's own secrets: made once, so that sessions and mailed links outlive a restart."""
    path = folder / "keys.json"
    if not path.exists():
        made = {
            "django": secrets.token_urlsafe(64),
            "stripe": f"sk_test_demo{secrets.token_hex(12)}",
            "webhook": f"whsec_demo{secrets.token_hex(12)}",
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(made), encoding="utf-8")
    keys: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return keys


def stripe_test_mode(env_file: Path) -> dict[str, str]:
    """Stripe's own test keys from `.env`, or nothing; with them the demo talks to the real Stripe."""
    variables = env.file_variables(env_file) if env_file.is_file() else {}
    found = {name: value for name, value in variables.items() if name.startswith("STRIPE_")}
    key = env.text(found, "STRIPE_SECRET_KEY")
    if not key:
        return {}
    if not key.startswith(("sk_test_", "rk_test_")):
        raise Refused("STRIPE_SECRET_KEY in .env is not a test key (sk_test_…): the demo never moves real money.")
    return found


def choose_ports(web: int) -> Ports:
    """The usual ports, or the next free ones."""
    chosen = list(distinct_free_ports(web, 8010, 8025))
    return Ports(web=chosen[0], simulator=chosen[1], mailbox=chosen[2])


def distinct_free_ports(*wanted: int) -> Iterator[int]:
    """For each wanted port, it or the next that is free and not given away already."""
    given: set[int] = set()
    for first in wanted:
        port = next((port for port in range(first, first + PORTS_TRIED) if port not in given and is_free(port)), None)
        if port is None:
            raise Refused(f"No free port from {first} on.")
        if port != first:
            say(f"Port {first} is taken; using {port}.")
        given.add(port)
        yield port


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)
