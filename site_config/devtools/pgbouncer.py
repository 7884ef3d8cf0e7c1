"""pgbouncer in front of a PostgreSQL, as a large installation has it: many clients share few connections."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from site_config import processes
from site_config.devtools.postgresql import free_port, owner
from site_config.devtools.redis_server import wait_until_open

NOT_RUN = "the tests with pgbouncer: it is not installed (Debian: apt install pgbouncer)"
# Debian keeps it out of some people's PATH.
PLACE: Final = "/usr/sbin/pgbouncer"
SETTINGS: Final = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
"""


def find() -> str | None:
    """The program, or None."""
    return shutil.which("pgbouncer") or shutil.which(PLACE)


@contextmanager
def running(*, host: str, port: int, user: str, password: str, connections: int) -> Iterator[int]:
    """Start one that pools by transaction, with so many connections to the server, and yield its port."""
    folder, own_port = Path(tempfile.mkdtemp(prefix="innkeep-pgbouncer-")), free_port()
    # It refuses to run as root, too.
    folder.chmod(0o755)
    settings = SETTINGS.format(host=host, port=port, own_port=own_port, folder=folder, connections=connections)
    (folder / "settings").write_text(settings, encoding="utf-8")
    (folder / "users").write_text(f'"{user}" "{password}"\n', encoding="utf-8")
    command = [str(find()), str(folder / "settings")]
    child = processes.start(command, log=folder / "log", user=owner())
    try:
        wait_until_open(own_port, child, folder / "log")
        yield own_port
    finally:
        # It waits for its clients when it is asked politely.
        child.kill()
        child.wait()
        shutil.rmtree(folder, ignore_errors=True)
