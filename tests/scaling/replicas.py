"""A PostgreSQL that follows the one of the tests, by streaming; gone when the test is over."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from site_config import processes
from site_config.devtools import postgresql

PATIENCE = 60


@contextmanager
def following(server: dict[str, Any]) -> Iterator[tuple[int, processes.Child]]:
    """Copy the server (of a database's settings), start the copy as its standby, and yield its port and process."""
    folder, port, user = Path(tempfile.mkdtemp(prefix="innkeep-replica-")), postgresql.free_port(), postgresql.owner()
    child = None
    try:
        binaries = postgresql.find_binaries(folder)
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, user)
        source = f"postgres://{server['USER']}:{server['PASSWORD']}@{server['HOST']}:{server['PORT']}/postgres"
        copy = [str(binaries / "pg_basebackup"), "-d", source, "-D", str(data), "-R", "-X", "stream", "-c", "fast"]
        done = subprocess.run(copy, capture_output=True, text=True, cwd="/", **processes.identity(user))
        assert done.returncode == 0, done.stderr
        options = [f"--{name}={value}" for name, value in postgresql.OPTIONS.items()]
        command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(data), *options]
        child = processes.start(command, log=folder / "log", user=user)
        postgresql.wait_until_ready(binaries / "pg_isready", port, child, folder / "log")
        yield port, child
    finally:
        if child:
            child.kill()
            child.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_followed(source: Any, port: int, name: str) -> None:
    """Return when the standby has replayed all that is written by now."""
    with source.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        (written,) = cursor.fetchone()
    deadline = time.monotonic() + PATIENCE
    facts = source.settings_dict
    target = {"host": "127.0.0.1", "port": port, "user": facts["USER"], "password": facts["PASSWORD"], "dbname": name}
    with psycopg.connect(**target, autocommit=True) as standby:
        while True:
            row = standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [written]).fetchone()
            if row and row[0]:
                return
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.05)
