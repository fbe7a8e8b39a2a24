"""A PostgreSQL server of our own for the tests; `python -m tests.engines.postgres` installs Debian's where it may."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADVICE = "No PostgreSQL server on this machine: install it (on Debian: apt-get install postgresql) and call again."


def programs() -> Path | None:
    """The folder with initdb and pg_ctl of the newest server, or None."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: int(f.parent.name), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


def _unprivileged() -> str | None:
    """The user that the server runs as: PostgreSQL refuses to be run by root."""
    import pwd  # not on Windows, where this file is read but not used

    if os.geteuid():
        return None
    names = [entry.pw_name for entry in pwd.getpwall()]
    return next(name for name in ("postgres", "nobody") if name in names)


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """A fresh cluster on a free port of the loopback, removed at the end; gives the address of its database."""
    found = programs()
    if found is None:
        raise SystemExit(ADVICE)
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="goodwill-postgres-"))
    if user:
        shutil.chown(folder, user)

    def call(program: str, *arguments: str) -> None:
        # Where we stand now may be closed to that user.
        done = subprocess.run([str(found / program), *arguments], user=user, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")

    data, log, port = str(folder / "data"), str(folder / "log"), _free_port()
    try:
        call("initdb", "--pgdata", data, "--username", "goodwill", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        call("pg_ctl", "--pgdata", data, "--log", log, "--options", options, "--wait", "start")
        try:
            yield f"postgres://goodwill@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "--pgdata", data, "--mode", "immediate", "--wait", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Find a server, or install it where this is Debian and we are root; else say what to do."""
    if programs():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "postgresql"], check=True, stdout=subprocess.DEVNULL)
        return
    sys.exit(ADVICE)


if __name__ == "__main__":
    main()
