"""Backups of the test database by the same means as docs/operations.md names, and the way back."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, connections

from site_config.devtools import postgresql


def dump(folder: Path) -> Path:
    """Write a whole backup into a folder and return its file. Others go on writing meanwhile."""
    path = folder / "innkeep.backup"
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(name())) as source:
            source.execute("VACUUM INTO ?", [str(path)])
    else:
        run("pg_dump", "--format=custom", f"--file={path}", "--no-owner", name(), folder=folder)
    return path


def restore(path: Path, *, to: str = "") -> None:
    """Throw the database away and make it again from a backup; or make another one of it."""
    connections.close_all()
    to = to or name()
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(f"{to}{end}").unlink(missing_ok=True)
        shutil.copy(path, to)
        return
    run("dropdb", "--force", "--if-exists", to, folder=path.parent)
    run("createdb", "--template=template0", to, folder=path.parent)
    run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={to}", str(path), folder=path.parent)


def name() -> str:
    """The database, or its file."""
    return str(connection.settings_dict["NAME"])


def run(program: str, *arguments: str, folder: Path) -> str:
    """Run one of PostgreSQL's programs, of the version that the tests run on; return what it prints."""
    facts: dict[str, Any] = connection.settings_dict
    beside = postgresql.find_binaries(folder) / program
    found = str(beside) if beside.exists() else shutil.which(program)
    assert found, f"{program} is neither beside the server's programs nor on PATH"
    where = [
        "--host",
        facts["HOST"] or "127.0.0.1",
        "--port",
        str(facts["PORT"] or 5432),
        "--username",
        facts["USER"],
    ]
    done = subprocess.run(
        [found, *where, *arguments],
        env={"PGPASSWORD": facts["PASSWORD"] or "", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
