"""A real PostgreSQL server for tests: Debian's package or any other installation, in a folder of its own. No tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

_OWNER, _PASSWORD = "owner", "owner's password"
# The user of a DSN; the password has every sign that a URL must spell otherwise.
READER, READER_PASSWORD = "reader", "p@ss:w/rd %1"
# Where packages put the server's programs if they are not on the path, newest version last.
_PACKAGES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


@dataclass(frozen=True)
class PostgresServer:
    """A running server."""

    port: int

    def dsn(self, database: str, user: str = READER, password: str = READER_PASSWORD) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, *scripts: Path) -> None:
        """An empty database, and what `scripts` put into it."""
        self.execute("postgres", f"create database {database}")
        for script in scripts:
            self.execute(database, script.read_text(encoding="utf-8"))

    def execute(self, database: str, statements: Any) -> None:
        import psycopg  # an extra: without it these tests are skipped, not broken

        with psycopg.connect(self.dsn(database, _OWNER, _PASSWORD), autocommit=True) as connection:
            connection.execute(statements)


def postgres_programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`."""
    packaged = [path for pattern in _PACKAGES for path in sorted(Path("/").glob(pattern[1:]))]
    on_path = shutil.which("pg_ctl")
    folders = [*packaged, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def running_postgres(programs: Path) -> Iterator[PostgresServer]:
    """Starts a server on a free port of this machine; stops it and forgets its data."""
    # pytest's own folders are closed to the user that the server must run as.
    folder = Path(tempfile.mkdtemp(prefix="triune-postgres-"))
    user = _unprivileged_user()
    try:
        password_file = folder / "password"
        password_file.write_text(_PASSWORD)
        if user:
            for path in (folder, password_file):
                shutil.chown(path, user)
        data, port = folder / "data", _free_port()
        run = _Runner(user, folder)
        login = ("-U", _OWNER, "-A", "scram-sha-256", "--pwfile", password_file)
        run(programs / "initdb", "-D", data, "-E", "UTF8", "--locale=C", *login)
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run(programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", folder / "log", "-o", settings, "start")
        try:
            server = PostgresServer(port)
            server.execute("postgres", f"create role {READER} login password '{READER_PASSWORD}'")
            yield server
        finally:
            run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Runner:
    user: str | None
    folder: Path

    def __call__(self, *command: str | Path) -> None:
        # Without a pipe: the server would keep it open, and the call would wait for the server's end.
        with (self.folder / "said").open("w+") as said:
            done = subprocess.run(
                [str(part) for part in command],
                user=self.user,
                cwd=self.folder,
                env=os.environ | {"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=120,
                check=False,
            )
            said.seek(0)
            assert done.returncode == 0, said.read()


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
