"""A PostgreSQL server of our own for tests and benchmarks: Debian's binaries, a new data folder, one Unix socket.

It listens on no network port, and what it holds is gone with it, so it need not be flushed to disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MISSING = "这台机器没有 PostgreSQL 服务器程序（Debian 包 postgresql），跳过第二引擎的测试"
_QUICK = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "logging_collector": "off",
}


class Server:
    """A running server: where its socket lies, and databases made on it."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder, self.process = folder, process

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """What QINGQIAN_WAREHOUSE is set to for a database of this server."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Make an empty database; its URL."""
        import psycopg

        name = f"t{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        return self.url(name)


def programs() -> Path | None:
    """The folder of the server's programs, the newest there is; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return None if on_path is None else Path(on_path).parent


@contextmanager
def server() -> Iterator[Server | None]:
    """A server while the block runs; None where the programs are missing or there is no other user to be.

    The server refuses to run as root, so that root starts it as the user `postgres`.
    """
    folder = programs()
    someone: dict[str, Any] = {}
    if os.geteuid() == 0:
        someone = {"user": "postgres", "group": "postgres", "extra_groups": []}
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            folder = None
    if folder is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="qq-pg-", dir="/tmp"))
    data = home / "data"
    if someone:
        shutil.chown(home, "postgres", "postgres")
    home.chmod(0o755)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    process: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(
            [str(folder / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale",
             "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd="/", env=environment, **someone,
        )  # fmt: skip
        settings = [f"-c{name}={value}" for name, value in _QUICK.items()]
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(folder / "postgres"), "-D", str(data), "-k", str(home), *settings],
                stdout=log, stderr=log, cwd="/", env=environment, start_new_session=True, **someone,
            )  # fmt: skip
        running = Server(home, process)
        _wait(running)
        yield running
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing of it is needed any more
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _wait(running: Server) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(running.url()).close()
        except psycopg.OperationalError:
            if running.process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start: " + (running.folder / "log").read_text(errors="replace")[-2000:])
